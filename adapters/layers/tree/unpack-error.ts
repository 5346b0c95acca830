import { type Place, placed, refusal } from "../../../core/archive/refusal.ts";
import { type ErrorCode, ImgstoreError } from "../../../core/errors.ts";
import { codeOf } from "../../linux/errno.ts";

/**
 * What a failed system call means for the unpacking of an entry; an ImgstoreError is itself, anything else a bug.
 * @param place null where it was about no entry
 */
export function unpackError(thrown: unknown, place: Place | null): unknown {
  const code = codeOf(thrown);
  if (thrown instanceof ImgstoreError || !(thrown instanceof Error) || code === null) return thrown;
  const problem = REFUSALS.get(code);
  if (problem !== undefined && place !== null) return refusal("UNSAFE_ARCHIVE", place, problem, thrown);
  const failure = FAILURES.get(code) ?? IO_FAILURE;
  const subject = place === null ? "the archive" : placed(place);
  const message = `cannot unpack ${subject}: ${failure.problem} (${thrown.message})`;
  return new ImgstoreError(failure.code, message, { cause: thrown, hint: failure.hint });
}

/** What the kernel says of entries that no tree can have. */
const REFUSALS: ReadonlyMap<string, string> = new Map([
  ["ENOTDIR", "it lies below something that is no directory"],
  ["ELOOP", "it lies below a symbolic link that leads nowhere"],
  ["EXDEV", "its path leaves the file system"],
  ["ENAMETOOLONG", "its name is too long for this file system"],
  ["EMLINK", "it has more hard links than this file system allows"],
  ["EFBIG", "it is larger than this file system allows"],
]);

interface Failure {
  readonly code: ErrorCode;
  readonly problem: string;
  readonly hint: string;
}

const NO_SPACE: Failure = {
  code: "NO_SPACE",
  problem: "no space is left on the store's file system",
  hint: "free space (imgstore gc, imgstore remove) or give the store a larger file system",
};

const NO_PRIVILEGE: Failure = {
  code: "NO_PRIVILEGE",
  problem: "this process may not make files as the archive has them",
  hint: "run as root, with CAP_CHOWN, CAP_MKNOD, CAP_FOWNER, CAP_DAC_OVERRIDE and CAP_SYS_ADMIN",
};

const READ_ONLY: Failure = {
  code: "ROOT_NOT_WRITABLE",
  problem: "the store's file system is read-only",
  hint: "mount it read-write, or look into the kernel's log for why it is not",
};

const IO_FAILURE: Failure = {
  code: "IO_ERROR",
  problem: "the store's file system failed",
  hint: "look into the kernel's log for errors of the disk",
};

const FAILURES: ReadonlyMap<string, Failure> = new Map([
  ["ENOSPC", NO_SPACE],
  ["EDQUOT", NO_SPACE],
  ["EPERM", NO_PRIVILEGE],
  ["EACCES", NO_PRIVILEGE],
  ["EROFS", READ_ONLY],
]);
