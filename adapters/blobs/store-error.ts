import { type ErrorCode, ImgstoreError } from "../../core/errors.ts";
import { codeOf } from "../linux/errno.ts";

/** Runs a step on the store's files; a failed system call becomes what it means for the store, anything else stays. */
export async function onStore<T>(action: string, step: () => Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (error) {
    throw storeError(action, error);
  }
}

/** @param action what could not be done, as it follows "cannot" */
export function storeError(action: string, thrown: unknown): unknown {
  const errno = codeOf(thrown);
  if (errno === null || thrown instanceof ImgstoreError || errno.startsWith("ERR_")) return thrown;
  const { code, words, hint } = MEANINGS[errno] ?? UNFORESEEN;
  return new ImgstoreError(code, `cannot ${action}: ${words} (${errno})`, {
    cause: thrown,
    ...(hint === undefined ? {} : { hint }),
  });
}

interface Meaning {
  readonly code: ErrorCode;
  readonly words: string;
  readonly hint?: string;
}

const FULL = "free space under the store's root; it goes on by itself then";
const CLOSED = "give a root that this user may write to with --root or IMGSTORE_ROOT";

const MEANINGS: Readonly<Record<string, Meaning>> = {
  ENOSPC: { code: "NO_SPACE", words: "the disk is full", hint: FULL },
  EDQUOT: { code: "NO_SPACE", words: "the quota is used up", hint: FULL },
  EACCES: { code: "ROOT_NOT_WRITABLE", words: "permission is denied", hint: CLOSED },
  EPERM: { code: "ROOT_NOT_WRITABLE", words: "permission is denied", hint: CLOSED },
  ENOENT: { code: "ROOT_NOT_WRITABLE", words: "a directory of the store is missing", hint: CLOSED },
  EROFS: { code: "ROOT_NOT_WRITABLE", words: "the file system is read-only", hint: CLOSED },
  EIO: { code: "IO_ERROR", words: "the device reports an error", hint: "look into the kernel's log (dmesg)" },
};

const UNFORESEEN: Meaning = { code: "IO_ERROR", words: "the system refuses" };
