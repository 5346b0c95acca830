import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, rmdirSync, rmSync, truncateSync, writeFileSync } from "node:fs";

/**
 * Runs with a file system that was never written to: ext4 on a loop device over a sparse file. Deleted inodes make later
 * creates on the same ext4 slow for minutes, so no run may inherit another's disk. What was mounted on it meanwhile is
 * unmounted; all of it is gone when this resolves or rejects.
 * @param directory where its file and its mount point are made
 */
export async function withFreshDisk<T>(
  directory: string,
  sizeBytes: number,
  use: (mountPoint: string) => Promise<T>,
): Promise<T> {
  const file = `${directory}/disk.img`;
  const mountPoint = `${directory}/disk`;
  writeFileSync(file, "", { flag: "wx" });
  try {
    truncateSync(file, sizeBytes);
    run("mkfs.ext4", "-q", "-F", file);
    mkdirSync(mountPoint);
    // the kernel would otherwise go on initialising inode tables while we measure
    run("mount", "-o", "loop,noinit_itable", file, mountPoint);
    try {
      return await use(mountPoint);
    } finally {
      unmountAll(mountPoint);
      rmdirSync(mountPoint);
    }
  } finally {
    rmSync(file);
  }
}

/** A directory's mount and all below it, the last one mounted first. */
function unmountAll(mountPoint: string): void {
  const mounted = readFileSync("/proc/self/mountinfo", "utf8")
    .split("\n")
    .map((line) => (line.split(" ")[4] ?? "").replaceAll(/\\([0-7]{3})/g, (_, code: string) => octal(code)))
    .filter((path) => path === mountPoint || path.startsWith(`${mountPoint}/`));
  for (const path of mounted.toReversed()) run("umount", path);
}

function octal(code: string): string {
  return String.fromCharCode(Number.parseInt(code, 8));
}

function run(command: string, ...args: string[]): void {
  execFileSync(command, args, { stdio: ["ignore", "ignore", "inherit"] });
}
