import { dirname } from "node:path";
import { ImgstoreError } from "../../core/errors.ts";
import { isDiskFull } from "./disk-room.ts";

/** Primary result codes. @see https://www.sqlite.org/rescode.html */
const SQLITE = {
  BUSY: 5,
  LOCKED: 6,
  READONLY: 8,
  IOERR: 10,
  CORRUPT: 11,
  FULL: 13,
  CANTOPEN: 14,
  PROTOCOL: 15,
  NOTADB: 26,
} as const;

/** An extended code: the index in shared memory could not grow, which is a full disk where nothing else is wrong. */
const SQLITE_IOERR_SHMSIZE = 10 | (19 << 8);

/** Whether another connection holds a lock; nothing was done. */
export function isBusy(error: unknown): boolean {
  const code = codeOf(error);
  // PROTOCOL: the lock of the write-ahead log was lost to others too often in a row.
  return code === SQLITE.BUSY || code === SQLITE.LOCKED || code === SQLITE.PROTOCOL;
}

/** Whether a translated error says that the disk is full. */
export function isNoSpace(error: unknown): boolean {
  return error instanceof ImgstoreError && error.code === "NO_SPACE";
}

/** What the native library threw, as an error of this product where the machine is the cause; else as it is. */
export function translated(error: unknown, path: string): unknown {
  if (extendedCodeOf(error) === SQLITE_IOERR_SHMSIZE) return noSpace(error, path);
  switch (codeOf(error)) {
    case null:
      return error;
    case SQLITE.NOTADB:
      return new ImgstoreError("NOT_A_DATABASE", `"${path}" is not a database`, {
        cause: error,
        hint: "move that file away, or name another one with --db or IMGSTORE_DB",
      });
    case SQLITE.CORRUPT:
      return new ImgstoreError("NOT_A_DATABASE", `the database "${path}" is damaged`, {
        cause: error,
        hint: "restore it from a backup, or move it away and register the images again: stored layers are found by digest",
      });
    case SQLITE.READONLY:
    case SQLITE.CANTOPEN:
      if (isDiskFull(dirname(path))) return noSpace(error, path);
      return new ImgstoreError("ROOT_NOT_WRITABLE", `could not open the database "${path}" for writing`, {
        cause: error,
        hint: "its directory must exist and be writable for this user, on a file system that is mounted read-write",
      });
    case SQLITE.FULL:
      return noSpace(error, path);
    case SQLITE.IOERR:
      if (isDiskFull(dirname(path))) return noSpace(error, path);
      return new ImgstoreError("IO_ERROR", `could not read or write the database "${path}"`, {
        cause: error,
        hint: "see the kernel's log (dmesg) for what the disk said",
      });
    default:
      return error;
  }
}

/** @param cause undefined where it was seen before it could go wrong */
export function noSpace(cause: unknown, path: string): ImgstoreError {
  return new ImgstoreError("NO_SPACE", `no space is left for the database "${path}"`, {
    cause,
    hint: "free space on that file system: `imgstore gc` removes what nothing refers to",
  });
}

function codeOf(error: unknown): number | null {
  const code = extendedCodeOf(error);
  return code === null ? null : code & 0xff;
}

function extendedCodeOf(error: unknown): number | null {
  if (!(error instanceof Error)) return null;
  if ("rawCode" in error && typeof error.rawCode === "number") return error.rawCode;
  // A database that cannot be opened comes as a plain error with SQLite's code at the end of its text.
  const opening = /^ConnectionFailed\(.*: (\d+)"\)$/s.exec(error.message)?.[1];
  return opening === undefined ? null : Number(opening);
}
