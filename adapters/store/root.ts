import { chmodSync, closeSync, openSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ImgstoreError } from "../../core/errors.ts";
import { printable } from "../../core/names.ts";
import { LOCK_NAMES } from "../../core/ports/locks.ts";
import { codeOf, hasCode } from "../linux/errno.ts";
import { isBallast } from "./ballast.ts";
import { lockFile } from "./lock-file.ts";
import { makeDirectory } from "./make-directory.ts";
import { syncPath } from "./sync-path.ts";

/** The folders of a store (see the README, "The store"). */
const FOLDERS = ["blobs", "images", "overlays", "active", "tmp"];

/** Names the user id that the store belongs to. */
const OWNER_FILE = "owner";

/**
 * Makes a directory a store of this user, or finds that it is one: 0700, with its folders, its owner recorded; durable
 * when it returns, because rows are committed next. A directory with anything else in it is left as it is.
 * @throws {ImgstoreError} ROOT_NOT_WRITABLE, ROOT_NOT_OURS, NO_SPACE
 */
export function prepareRoot(root: string): void {
  const uid = process.getuid?.() ?? 0;
  const owner = readOwner(root);
  if (owner === null) createStore(root, uid);
  else if (owner !== uid) throw notOurs(root, owner, uid);
}

function readOwner(root: string): number | null {
  try {
    const text = readFileSync(join(root, OWNER_FILE), "utf8").trim();
    // The folders are there whenever the owner is: it is written last.
    return /^\d+$/.test(text) ? Number(text) : null;
  } catch (error) {
    if (hasCode(error, "ENOENT")) return null;
    throw notWritable(root, error);
  }
}

function createStore(root: string, uid: number): void {
  try {
    makeDirectory(root);
    const foreign = readdirSync(root).find((name) => !isOurName(name));
    if (foreign !== undefined) throw notAStore(root, foreign);
    // Only now: the mode of somebody's /tmp is not ours to change.
    chmodSync(root, 0o700);
    for (const folder of FOLDERS) makeDirectory(join(root, folder));
    // now, while there are inodes: without its lock, nothing could be removed where there are none
    for (const lock of LOCK_NAMES) closeSync(openSync(join(root, lockFile(lock)), "a", 0o600));
    writeFileSync(join(root, OWNER_FILE), `${uid}\n`, { mode: 0o600 });
    syncPath(join(root, OWNER_FILE));
    syncPath(root);
  } catch (error) {
    throw error instanceof ImgstoreError ? error : notWritable(root, error);
  }
}

/** What a store may hold before it is seen to have an owner: its beginnings, also those another process makes now. */
function isOurName(name: string): boolean {
  return (
    FOLDERS.includes(name) ||
    name === OWNER_FILE ||
    isBallast(name) ||
    name.startsWith("imgstore.db") ||
    // of a process that knew the owner before he was durable
    LOCK_NAMES.some((lock) => name === lockFile(lock)) ||
    name === "lost+found"
  );
}

function notAStore(root: string, foreign: string): ImgstoreError {
  return new ImgstoreError(
    "ROOT_NOT_OURS",
    `"${root}" is no store, and not empty: it has "${printable(foreign)}" in it`,
    {
      hint: "give a new or an empty directory with --root or IMGSTORE_ROOT",
    },
  );
}

function notWritable(root: string, cause: unknown): ImgstoreError {
  if (hasCode(cause, "ENOSPC", "EDQUOT")) {
    return new ImgstoreError("NO_SPACE", `there is no room for a store in "${root}": ${codeOf(cause)}`, {
      cause,
      hint: "free space or inodes there, or give another directory with --root or IMGSTORE_ROOT",
    });
  }
  return new ImgstoreError(
    "ROOT_NOT_WRITABLE",
    `the store's root "${root}" cannot be used: ${codeOf(cause) ?? "refused"}`,
    {
      cause,
      hint: "give a directory that you may write to with --root or IMGSTORE_ROOT",
    },
  );
}

function notOurs(root: string, owner: number, uid: number): ImgstoreError {
  return new ImgstoreError("ROOT_NOT_OURS", `the store "${root}" belongs to the user ${owner}, and this is ${uid}`, {
    hint: "run as that user, or give a root of your own with --root or IMGSTORE_ROOT",
  });
}
