import { closeSync, ftruncateSync, openSync, statSync, unlinkSync } from "node:fs";
import { statfs } from "node:fs/promises";
import { join } from "node:path";
import { hasCode } from "../linux/errno.ts";

const BALLAST_BYTES = 16 * 2 ** 20;

/** Files of it, each of which keeps an inode: a database that is opened makes two, its log and the index of that. */
const BALLAST_INODES = 8;

/** It is laid down only where so many times as much is free: it is not there to make a disk full. */
const ROOM_FOR_BALLAST = 4;

/**
 * Keeps room in the files `ballast` and `ballast.N` of a root, for the database's sake: a full disk would stop it from
 * recording so much as what went wrong, and from removing anything. Does nothing where there is not plenty of room.
 * @throws {SystemCallError}
 */
export async function restoreBallast(root: string): Promise<void> {
  const areBytesThere = sizeOf(bytesOf(root)) >= BALLAST_BYTES;
  // the last of them is made last
  const areInodesThere = sizeOf(inodesOf(root).at(-1) ?? root) >= 0;
  if (areBytesThere && areInodesThere) return;
  const { bavail, bsize, files, ffree } = await statfs(root);
  const hasInodes = files > 0 && ffree >= ROOM_FOR_BALLAST * BALLAST_INODES;
  if (!areInodesThere && hasInodes) for (const path of inodesOf(root)) closeSync(openSync(path, "a", 0o600));
  if (!areBytesThere && bavail * bsize >= ROOM_FOR_BALLAST * BALLAST_BYTES) await layDown(bytesOf(root));
}

async function layDown(path: string): Promise<void> {
  // not before it is needed: the database alone does without system calls of ours
  const { reserveSpace } = await import("../linux/file-calls.ts");
  const fd = openSync(path, "a", 0o600);
  try {
    // a sparse file would keep nothing
    reserveSpace(fd, BALLAST_BYTES);
    ftruncateSync(fd, BALLAST_BYTES);
  } finally {
    closeSync(fd);
  }
}

/**
 * Gives the ballast up; whether there was any. By unlinking, not by truncating: where a quota is used up, btrfs lets a file
 * go and refuses to make it shorter.
 * @throws {SystemCallError}
 */
export function freeBallast(root: string): boolean {
  const freed = [bytesOf(root), ...inodesOf(root)].map(unlinkIfThere);
  return freed.includes(true);
}

/** Whether a name in a root is of the ballast. */
export function isBallast(name: string): boolean {
  return /^ballast(\.\d)?$/.test(name);
}

function bytesOf(root: string): string {
  return join(root, "ballast");
}

function inodesOf(root: string): string[] {
  return Array.from({ length: BALLAST_INODES }, (_, index) => join(root, `ballast.${index}`));
}

/** -1 where there is nothing. */
function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? -1;
}

function unlinkIfThere(path: string): boolean {
  try {
    unlinkSync(path);
    return true;
  } catch (error) {
    if (hasCode(error, "ENOENT")) return false;
    throw error;
  }
}
