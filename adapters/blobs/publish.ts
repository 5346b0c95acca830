import { constants, fstatSync, renameSync } from "node:fs";
import { type FileHandle, open, rm } from "node:fs/promises";
import { dirname } from "node:path";
import type { Digest } from "../../core/digests.ts";
import { ImgstoreError } from "../../core/errors.ts";
import { hasCode } from "../linux/errno.ts";
import { linkDescriptor } from "../linux/link-descriptor.ts";
import { syncDirectory } from "../linux/sync-directory.ts";
import { digestOf, hashPrefix } from "./hash-file.ts";

export interface Publication {
  /** Holds the whole, verified, synced bytes. */
  readonly handle: FileHandle;
  readonly digest: Digest;
  /** Where the blob appears. */
  readonly blobPath: string;
  /** A name under `tmp/` that only this attempt uses. */
  readonly asidePath: string;
}

/**
 * Gives bytes the blob's name, durably, by their descriptor: whatever became of the partial's name, no other bytes can
 * appear. A blob that is there already stays, unless it does not have its digest: then it is damaged, and replaced in one
 * step.
 * @throws {SystemCallError}
 * @throws {ImgstoreError} INTERRUPTED where a successor has taken the partial over and has not published yet
 */
export async function publishHeld({ handle, digest, blobPath, asidePath }: Publication): Promise<void> {
  if (!giveName(handle, blobPath) && (await verifiedSize(blobPath, digest)) === null) {
    await rm(asidePath, { force: true });
    if (!giveName(handle, asidePath)) throw superseded(digest);
    renameSync(asidePath, blobPath);
  }
  await syncDirectory(dirname(blobPath));
}

/** False where the name is taken, or where the file has lost its last name and cannot be given one again. */
function giveName(handle: FileHandle, path: string): boolean {
  try {
    return linkDescriptor(handle.fd, path);
  } catch (error) {
    if (hasCode(error, "ENOENT") && fstatSync(handle.fd).nlink === 0) return false;
    throw error;
  }
}

function superseded(digest: Digest): ImgstoreError {
  return new ImgstoreError("INTERRUPTED", `another writer has taken over the download of ${digest}`);
}

/**
 * The size of a stored blob that is there and has its digest, else null. Durable when it is there: whoever published it may
 * have died before he could sync its name.
 * @throws {SystemCallError} EIO
 */
export async function verifiedSize(path: string, digest: Digest): Promise<number | null> {
  const handle = await openBlob(path);
  if (handle === null) return null;
  try {
    const { size } = await handle.stat();
    if (digestOf(await hashPrefix(handle, size)) !== digest) return null;
    await handle.datasync();
    await syncDirectory(dirname(path));
    return size;
  } finally {
    await handle.close();
  }
}

async function openBlob(path: string): Promise<FileHandle | null> {
  try {
    return await open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  } catch (error) {
    // Removed meanwhile, or a symbolic link that nobody of us made.
    if (hasCode(error, "ENOENT", "ELOOP")) return null;
    throw error;
  }
}
