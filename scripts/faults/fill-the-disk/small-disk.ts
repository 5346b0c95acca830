import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { unmountAll } from "../power-cuts/file-systems.ts";

/** What ends: on btrfs a quota, elsewhere the file system itself. */
export const FILE_SYSTEMS = ["ext4", "tmpfs", "btrfs"] as const;
export type FileSystem = (typeof FILE_SYSTEMS)[number];

/** What a file system may run out of. btrfs makes inodes as it goes. */
export type Resource = "bytes" | "inodes";

export interface SmallDiskOptions {
  readonly fileSystem: FileSystem;
  /** Of what may be used. */
  readonly sizeBytes: number;
  readonly inodes: number;
}

/**
 * Runs something in a directory that may take so much and no more, and takes the file system away again.
 * @param home an existing directory, for the file that it lies in and for its mount point
 */
export async function onSmallDisk<T>(
  home: string,
  options: SmallDiskOptions,
  run: (directory: string) => Promise<T>,
): Promise<T> {
  const place = mkdtempSync(join(home, "disk-"));
  const mountPoint = join(place, "mounted");
  mkdirSync(mountPoint);
  try {
    return await run(await MOUNTS[options.fileSystem](join(place, "image"), mountPoint, options));
  } finally {
    await unmountAll(mountPoint);
    rmSync(place, { recursive: true });
  }
}

/** Mounts it; the directory to be used. */
type Mount = (imagePath: string, mountPoint: string, options: SmallDiskOptions) => Promise<string>;

const MOUNTS: Readonly<Record<FileSystem, Mount>> = {
  ext4: async (imagePath, mountPoint, { sizeBytes, inodes }) => {
    makeSparse(imagePath, sizeBytes);
    // nothing kept for root, who is to find it full
    await call("mkfs.ext4", "-q", "-m", "0", "-N", String(inodes), imagePath);
    await call("mount", "-o", "loop,noinit_itable", imagePath, mountPoint);
    return mountPoint;
  },
  tmpfs: async (_imagePath, mountPoint, { sizeBytes, inodes }) => {
    await call("mount", "-t", "tmpfs", "-o", `size=${sizeBytes},nr_inodes=${inodes}`, "imgstore-faults", mountPoint);
    return mountPoint;
  },
  btrfs: async (imagePath, mountPoint, { sizeBytes }) => {
    // twice as much, and no less than it is made of: the quota has to be what ends
    makeSparse(imagePath, Math.max(2 * sizeBytes, 512 * 2 ** 20));
    await call("mkfs.btrfs", "-q", imagePath);
    await call("mount", "-o", "loop", imagePath, mountPoint);
    const limited = join(mountPoint, "limited");
    await call("btrfs", "-q", "quota", "enable", mountPoint);
    await call("btrfs", "-q", "subvolume", "create", limited);
    await call("btrfs", "qgroup", "limit", String(sizeBytes), limited);
    return limited;
  },
};

function makeSparse(path: string, sizeBytes: number): void {
  writeFileSync(path, "");
  truncateSync(path, sizeBytes);
}

async function call(command: string, ...args: string[]): Promise<void> {
  await promisify(execFile)(command, args);
}
