import { lstat } from "node:fs/promises";
import { dirname } from "node:path";
import { hasCode } from "../linux/errno.ts";
import { cString, renameAt, WORKING_DIRECTORY } from "../linux/openat.ts";
import { syncDirectory } from "../linux/sync-directory.ts";
import { removeTree } from "./remove-tree.ts";

/** What is to be published, and where. */
export interface Publication {
  readonly stagedPath: string;
  /** Of the staged root, decimal: it stays the same when the tree is renamed. */
  readonly inode: string;
  readonly publishedPath: string;
  /** A free name in the staging directory, for a tree that is in the way. */
  readonly asidePath: string;
  /** Whether what has the name already may be trusted. */
  readonly isVouchedFor: boolean;
}

/**
 * Makes a staged tree appear under its published name, durably. Whoever crashed after the rename repeats the call: the
 * root's inode number tells that the tree there is the one that was staged.
 * @returns false when the staged tree is nowhere
 * @throws {SystemCallError}
 */
export async function publishTree(publication: Publication): Promise<boolean> {
  const { stagedPath, publishedPath, asidePath, inode, isVouchedFor } = publication;
  const isStaged = (await inodeAtPath(stagedPath)) === inode;
  const published = await inodeAtPath(publishedPath);
  if (!isStaged) {
    if (published === null || (published !== inode && !isVouchedFor)) return false;
    await syncBoth(publication);
    return true;
  }
  if (published !== null && isVouchedFor) {
    await removeTree(stagedPath);
    return true;
  }
  if (published !== null) rename(publishedPath, asidePath);
  rename(stagedPath, publishedPath);
  await syncBoth(publication);
  // last: deleting takes long, and nobody waits for it to see the tree
  await removeTree(asidePath);
  return true;
}

/**
 * Takes a tree away at once, by rename, and deletes it then; nothing when it is not there.
 * @throws {SystemCallError} and {ImgstoreError} of removeTree
 */
export async function unpublishTree(publishedPath: string, asidePath: string): Promise<void> {
  try {
    rename(publishedPath, asidePath);
  } catch (error) {
    if (hasCode(error, "ENOENT")) return;
    throw error;
  }
  await syncDirectory(dirname(publishedPath));
  await syncDirectory(dirname(asidePath));
  await removeTree(asidePath);
}

/** The new name first: a crash between may show the tree twice or aside, never nowhere. */
async function syncBoth({ publishedPath, stagedPath }: Publication): Promise<void> {
  await syncDirectory(dirname(publishedPath));
  await syncDirectory(dirname(stagedPath));
}

async function inodeAtPath(path: string): Promise<string | null> {
  try {
    return (await lstat(path, { bigint: true })).ino.toString();
  } catch (error) {
    if (hasCode(error, "ENOENT")) return null;
    throw error;
  }
}

/** A new name must be free: a plain rename would silently take an empty directory's place. */
function rename(from: string, to: string): void {
  renameAt(WORKING_DIRECTORY, pathString(from), WORKING_DIRECTORY, pathString(to));
}

function pathString(path: string): Uint8Array {
  return cString(new TextEncoder().encode(path));
}
