import { existsSync, mkdirSync, renameSync } from "node:fs";
import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { ImgstoreError } from "../../core/errors.ts";
import { removeTree } from "../layers/remove-tree.ts";
import { removeDirectoryXattr } from "../linux/directory-attributes.ts";
import { hasCode } from "../linux/errno.ts";
import { syncDirectory } from "../linux/sync-directory.ts";
import { fileError } from "./file-errors.ts";
import { carryAttributes } from "./implied-directories.ts";
import type { Places } from "./places.ts";

/** The two halves of a key's writable layer: they live and die together, because work keeps an index of upper. */
export function upperOf(writable: string): string {
  return join(writable, "upper");
}

export function workOf(writable: string): string {
  return join(writable, "work");
}

/**
 * Makes a key's upper and work where it has none; durable when it returns. A new upper carries the attributes of the
 * merged root, because the mount shows the upper's, and of directories that layers have and do not list. It is built under `tmp/` and published by rename, so
 * that none is ever half made.
 * @param isStillOurs asked at the last moment: a stale attempt must not leave an upper to an image that took its name
 * @throws {ImgstoreError} CANCELLED, NO_SPACE, ROOT_NOT_WRITABLE, IO_ERROR
 */
export async function ensureWritable(
  places: Places,
  key: string,
  lowers: readonly string[],
  isStillOurs: () => boolean,
): Promise<void> {
  const writable = places.writableOf(key);
  try {
    if (existsSync(upperOf(writable))) await mkdir(workOf(writable), { recursive: true });
    else await makeWritable(places, key, lowers, isStillOurs);
    // Also of one that was there: whoever made it may have died before he could sync its name.
    await syncDirectory(places.overlays);
  } catch (error) {
    throw fileError(error, `make the writable layer of "${key}"`);
  }
}

async function makeWritable(
  places: Places,
  key: string,
  lowers: readonly string[],
  isStillOurs: () => boolean,
): Promise<void> {
  const fresh = places.newTemporary(`fresh.${key}`);
  try {
    for (const directory of [fresh, workOf(fresh), upperOf(fresh)]) mkdirSync(directory);
    await carryAttributes(lowers, upperOf(fresh));
    for (const directory of [upperOf(fresh), workOf(fresh), fresh]) await syncDirectory(directory);
    if (!isStillOurs()) throw new ImgstoreError("CANCELLED", `the activation of "${key}" is no longer ours`);
    publish(fresh, places.writableOf(key));
  } finally {
    // not there any more when it was published
    await removeTree(fresh);
  }
}

function publish(fresh: string, writable: string): void {
  try {
    renameSync(fresh, writable);
  } catch (error) {
    // another attempt at the same image made it: what is there is as good as ours
    if (!hasCode(error, "ENOTEMPTY", "EEXIST")) throw error;
  }
}

/**
 * Lets a kept upper be mounted over layers that were unpacked again, or a store that was copied: overlayfs remembers the
 * directories themselves, and refuses others (ESTALE) of the same content.
 * @throws {ImgstoreError} NO_SPACE, ROOT_NOT_WRITABLE, IO_ERROR
 */
export async function forgetOrigins(places: Places, key: string): Promise<void> {
  const writable = places.writableOf(key);
  const tombstone = places.newTemporary(`work.${key}`);
  try {
    removeDirectoryXattr(upperOf(writable), "trusted.overlay.origin");
    // an upper without work is made whole by the next mount; a work without its upper would be refused
    renameSync(workOf(writable), tombstone);
    mkdirSync(workOf(writable));
    await syncDirectory(writable);
    await removeTree(tombstone);
  } catch (error) {
    throw fileError(error, `renew the work directory of "${key}"`);
  }
}

/**
 * Takes a key's upper and work away by rename to a tombstone under `tmp/`, durably: deleting them takes as long as they are
 * large, and nobody waits for that.
 * @throws {ImgstoreError} ROOT_NOT_WRITABLE, IO_ERROR
 */
export async function removeWritable(places: Places, key: string): Promise<void> {
  const tombstone = places.newTemporary(`upper.${key}`);
  try {
    rename(places.writableOf(key), tombstone);
    // Also where it was not there any more: whoever took it away may have died before he could sync that, and another
    // image of the name must not find it.
    await syncDirectory(places.overlays);
    await syncDirectory(places.tmp);
  } catch (error) {
    throw fileError(error, `remove the writable layer of "${key}"`);
  }
}

/** Nothing where there is nothing. */
function rename(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if (!hasCode(error, "ENOENT") || existsSync(from)) throw error;
  }
}

/** Keys that have a writable layer. @throws {ImgstoreError} IO_ERROR, ROOT_NOT_WRITABLE */
export async function listWritables(places: Places): Promise<string[]> {
  try {
    return await readdir(places.overlays);
  } catch (error) {
    throw fileError(error, `list "${places.overlays}"`);
  }
}
