import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync, truncateSync, writeFileSync } from "node:fs";

/**
 * Runs with a file system that was never written to: ext4 on a loop device over a sparse file. Deleted inodes make later
 * creates on the same ext4 slow for minutes, so no run may inherit another's disk. Unmounted and gone when this resolves.
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
    // eager, so that the kernel does not go on initialising while we measure
    run("mkfs.ext4", "-q", "-F", "-E", "lazy_itable_init=0,lazy_journal_init=0,nodiscard", file);
    mkdirSync(mountPoint, { recursive: true });
    run("mount", "-o", "loop", file, mountPoint);
    try {
      return await use(mountPoint);
    } finally {
      run("umount", mountPoint);
    }
  } finally {
    rmSync(file);
  }
}

function run(command: string, ...args: string[]): void {
  execFileSync(command, args, { stdio: ["ignore", "ignore", "inherit"] });
}
