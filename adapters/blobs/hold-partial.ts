import { constants, fstatSync, linkSync, lstatSync, renameSync, unlinkSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { hasCode } from "../linux/errno.ts";
import { tryLockExclusive } from "../linux/flock.ts";

const READ_WRITE = constants.O_RDWR | constants.O_NOFOLLOW;

/**
 * The file under `path`, locked for this process until the handle is closed: what an earlier writer left, where it is free
 * at once, else an empty one.
 *
 * A writer that still holds the old one (it was stopped, and its lease ran out) is not waited for: a fresh file, made as
 * `freshPath`, takes the name over, and the old writer goes on into a file that no longer has one. So nobody ever writes
 * into a file that another one holds.
 * @throws {SystemCallError}
 */
export async function holdPartial(path: string, freshPath: string): Promise<FileHandle> {
  for (;;) {
    const handle = await open(path, READ_WRITE | constants.O_CREAT, 0o600);
    try {
      const found = lockAndLook(handle, path);
      if (found === "held") return handle;
      await handle.close();
      if (found === "busy") return await takeOver(path, freshPath);
    } catch (error) {
      await handle.close();
      throw error;
    }
  }
}

/** Whether the file is ours now, is another writer's, or no longer the one to be had under the name. */
function lockAndLook(handle: FileHandle, path: string): "held" | "busy" | "gone" {
  if (!tryLockExclusive(handle.fd)) return "busy";
  // Looked at under the lock: between opening and locking the name may have gone to another file.
  if (!isNamed(handle, path)) return "gone";
  if (!isPublished(handle)) return "held";
  unlinkSync(path);
  return "gone";
}

/** A fresh file that only this attempt knows of, locked. @throws {SystemCallError} */
export async function holdFresh(path: string): Promise<FileHandle> {
  const handle = await open(path, READ_WRITE | constants.O_CREAT | constants.O_TRUNC, 0o600);
  if (tryLockExclusive(handle.fd)) return handle;
  await handle.close();
  throw new Error(`two writers for the attempt's own "${path}"`);
}

async function takeOver(path: string, freshPath: string): Promise<FileHandle> {
  // Locked before it takes the name: nobody finds it there free.
  const handle = await holdFresh(freshPath);
  renameSync(freshPath, path);
  return handle;
}

/** The lock of what lies under `path`, for one look; null where there is nothing or a writer holds it. */
export async function holdFree(path: string): Promise<FileHandle | null> {
  const handle = await openExisting(path);
  if (handle === null) return null;
  if (tryLockExclusive(handle.fd) && isNamed(handle, path)) return handle;
  await handle.close();
  return null;
}

async function openExisting(path: string): Promise<FileHandle | null> {
  try {
    return await open(path, READ_WRITE);
  } catch (error) {
    if (hasCode(error, "ENOENT")) return null;
    throw error;
  }
}

/**
 * Removes a name where it still leads to the file that is held, and never a successor's: the name is moved aside before it
 * is looked at for good, and what turns out to be another's is put back. It has a name all the while, so that its holder
 * can publish it.
 * @param asidePath a name that nobody else uses
 */
export function removeName(handle: FileHandle, path: string, asidePath: string): void {
  if (!isNamed(handle, path)) return;
  renameSync(path, asidePath);
  if (!isNamed(handle, asidePath)) putBack(asidePath, path);
  unlinkSync(asidePath);
}

function putBack(asidePath: string, path: string): void {
  try {
    linkSync(asidePath, path);
  } catch (error) {
    // Somebody began anew meanwhile: that one stays.
    if (!hasCode(error, "EEXIST")) throw error;
  }
}

function isNamed(handle: FileHandle, path: string): boolean {
  const held = fstatSync(handle.fd, { bigint: true });
  const named = lstatSync(path, { bigint: true, throwIfNoEntry: false });
  return named !== undefined && named.dev === held.dev && named.ino === held.ino;
}

/** Whether a publisher died between giving the blob its name and taking this one away: nobody may write into it now. */
function isPublished(handle: FileHandle): boolean {
  return fstatSync(handle.fd).nlink > 1;
}
