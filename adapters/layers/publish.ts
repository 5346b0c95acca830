import { closeSync, lstatSync, openSync } from "node:fs";
import { dirname } from "node:path";
import { setTimeout } from "node:timers/promises";
import { hasCode } from "../linux/errno.ts";
import { tryLockExclusive } from "../linux/flock.ts";
import { cPath, renameAt, WORKING_DIRECTORY } from "../linux/openat.ts";
import { syncDirectory } from "../linux/sync-directory.ts";
import { inodeAtPath } from "./inode-at-path.ts";
import { removeTree } from "./remove-tree.ts";

/** What is to be published, and where. */
export interface Publication {
  readonly stagedPath: string;
  /** Of the staged root, decimal: it stays the same when the tree is renamed. */
  readonly inode: string;
  readonly publishedPath: string;
  /** Where a tree goes that has the name and may not be trusted: a mount may still show it. */
  readonly replacedPath: string;
  /** Whether what has the name already may be trusted. */
  readonly isVouchedFor: boolean;
}

/**
 * Makes a staged tree appear under its published name, durably. Right beside another publisher of the same tree, and
 * when repeated after a crash: each step is one rename that fails when the staged tree has gone, and the root's inode
 * number tells whether the tree that is there is the one that was staged.
 * @returns false when the staged tree is nowhere
 * @throws {SystemCallError}
 */
export async function publishTree(publication: Publication): Promise<boolean> {
  const { stagedPath, publishedPath, inode, isVouchedFor } = publication;
  if ((await inodeAtPath(stagedPath)) !== inode) return isPublished(publication);
  switch (takeName(stagedPath, publishedPath)) {
    case "taken":
      await syncBoth(publication);
      return true;
    case "gone":
      return isPublished(publication);
    case "occupied":
      if (isVouchedFor) await removeTree(stagedPath);
      else {
        if (!(await takePlace(publication))) return isPublished(publication);
        await syncBoth(publication);
      }
      return true;
  }
}

/** Whether the tree has its name without our doing: renamed before a crash, by another, or another that is as good. */
async function isPublished(publication: Publication): Promise<boolean> {
  const published = await inodeAtPath(publication.publishedPath);
  if (published === null || (published !== publication.inode && !publication.isVouchedFor)) return false;
  await syncBoth(publication);
  return true;
}

/** A new name must be free: a plain rename would silently take an empty directory's place. */
function takeName(from: string, to: string): "taken" | "occupied" | "gone" {
  try {
    rename(from, to);
    return "taken";
  } catch (error) {
    if (hasCode(error, "EEXIST", "ENOTEMPTY")) return "occupied";
    if (hasCode(error, "ENOENT")) return "gone";
    throw error;
  }
}

/**
 * Gives the staged tree the name that another tree has, which goes aside first: a crash between leaves the name free for
 * the next attempt, and never the old tree where unfinished ones are cleared away. Under a lock, for one publisher of a
 * store at a time: a second one would put the first one's tree aside.
 * @returns false when the staged tree is not there any more
 */
async function takePlace({ stagedPath, publishedPath, replacedPath, inode }: Publication): Promise<boolean> {
  const names = openSync(dirname(publishedPath), "r");
  try {
    // Whoever has it makes two system calls.
    while (!tryLockExclusive(names)) await setTimeout(1);
    if (lstatSync(stagedPath, { bigint: true, throwIfNoEntry: false })?.ino.toString() !== inode) return false;
    rename(publishedPath, replacedPath);
    rename(stagedPath, publishedPath);
    return true;
  } catch (error) {
    if (hasCode(error, "ENOENT")) return false;
    throw error;
  } finally {
    closeSync(names);
  }
}

/**
 * Takes a tree away at once, by rename, durably; nothing but that when it is not there.
 * @throws {SystemCallError}
 */
export async function unpublishTree(publishedPath: string, asidePath: string): Promise<void> {
  try {
    rename(publishedPath, asidePath);
  } catch (error) {
    // Whoever took it away may have died before he could sync that.
    if (!hasCode(error, "ENOENT")) throw error;
  }
  await syncDirectory(dirname(publishedPath));
  await syncDirectory(dirname(asidePath));
}

/** The new name first: a crash between may show the tree twice or aside, never nowhere. */
async function syncBoth({ publishedPath, stagedPath }: Publication): Promise<void> {
  await syncDirectory(dirname(publishedPath));
  await syncDirectory(dirname(stagedPath));
}

function rename(from: string, to: string): void {
  renameAt(WORKING_DIRECTORY, cPath(from), WORKING_DIRECTORY, cPath(to));
}
