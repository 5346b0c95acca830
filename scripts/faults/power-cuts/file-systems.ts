import { execFile } from "node:child_process";
import { truncate, writeFile } from "node:fs/promises";
import { promisify } from "node:util";
import { hasCode } from "../../../adapters/linux/errno.ts";
import { unmountAt } from "../../../adapters/linux/mount-api.ts";
import { readMountTable } from "../../../adapters/linux/mount-table.ts";

/** File systems with a journal that a store may lie on. */
export const FILE_SYSTEMS = ["ext4", "xfs"] as const;
export type FileSystem = (typeof FILE_SYSTEMS)[number];

/** How large their disks are, in bytes: an ext4 with the usual journal, and the smallest XFS that mkfs.xfs makes. */
const DISK_BYTES: Readonly<Record<FileSystem, number>> = { ext4: 128 * 2 ** 20, xfs: 300 * 2 ** 20 };

// The kernel does not go on initialising inode tables; and of two XFS with one id, one would be refused.
const MOUNT_OPTIONS: Readonly<Record<FileSystem, string>> = { ext4: "noinit_itable", xfs: "nouuid" };

/** Makes a file with a file system of default options. */
export async function makeFileSystem(fileSystem: FileSystem, imagePath: string): Promise<void> {
  await writeFile(imagePath, "");
  await truncate(imagePath, DISK_BYTES[fileSystem]);
  await run(`mkfs.${fileSystem}`, "-q", imagePath);
}

/**
 * Mounts a file system that lies in a file.
 * @param isDirect whether what is written goes to the file at once, past the page cache
 * @throws where it cannot be mounted: what mount(8) says
 */
export async function mountImage(
  fileSystem: FileSystem,
  { imagePath, mountPoint, isDirect }: { imagePath: string; mountPoint: string; isDirect: boolean },
): Promise<void> {
  const attached = await run("losetup", "--find", "--show", `--direct-io=${isDirect ? "on" : "off"}`, imagePath);
  const device = attached.trim();
  try {
    await run("mount", "-t", fileSystem, "-o", MOUNT_OPTIONS[fileSystem], device, mountPoint);
  } finally {
    // it goes as soon as nothing is mounted from it
    await run("losetup", "--detach", device);
  }
}

/** Unmounts a directory and all below it, the last one mounted first; what is still in use goes with its last user. */
export async function unmountAll(directory: string): Promise<void> {
  const mounted = (await readMountTable()).map(({ mountPoint }) => mountPoint);
  const own = mounted.filter((path) => path === directory || path.startsWith(`${directory}/`));
  for (const path of own.toReversed()) unmountOrDetach(path);
}

function unmountOrDetach(path: string): void {
  try {
    unmountAt(path, false);
  } catch (error) {
    if (!hasCode(error, "EBUSY")) throw error;
    unmountAt(path, true);
  }
}

/** Copies a file, holes as holes. */
export async function copySparse(from: string, to: string): Promise<void> {
  await run("cp", "--sparse=always", from, to);
}

async function run(command: string, ...args: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(command, args);
  return stdout;
}
