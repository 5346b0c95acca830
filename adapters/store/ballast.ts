import { closeSync, fstatSync, ftruncateSync, openSync, statSync } from "node:fs";
import { statfs } from "node:fs/promises";
import { join } from "node:path";
import { hasCode } from "../linux/errno.ts";

export const BALLAST_BYTES: number = 16 * 2 ** 20;

/** It is laid down only where so many times its size is free: it is not there to make a disk full. */
const ROOM_FOR_BALLAST = 4;

/**
 * Keeps room in the file `ballast` of a root, for the database's sake: a full disk would stop it from recording so much as
 * what went wrong, and from removing anything. Does nothing where there is not plenty of room.
 * @throws {SystemCallError}
 */
export async function restoreBallast(root: string): Promise<void> {
  const path = ballastOf(root);
  if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) >= BALLAST_BYTES) return;
  const { bavail, bsize } = await statfs(root);
  if (bavail * bsize < ROOM_FOR_BALLAST * BALLAST_BYTES) return;
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

/** Gives the ballast up; whether there was any. @throws {SystemCallError} */
export function freeBallast(root: string): boolean {
  const fd = openIfThere(ballastOf(root));
  if (fd === null) return false;
  try {
    const hadAny = fstatSync(fd).size > 0;
    ftruncateSync(fd, 0);
    return hadAny;
  } finally {
    closeSync(fd);
  }
}

function ballastOf(root: string): string {
  return join(root, "ballast");
}

function openIfThere(path: string): number | null {
  try {
    return openSync(path, "r+");
  } catch (error) {
    if (hasCode(error, "ENOENT")) return null;
    throw error;
  }
}
