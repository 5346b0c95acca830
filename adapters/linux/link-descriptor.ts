import { hasCode } from "./errno.ts";
import { declare, lastError } from "./ffi.ts";

const AT_FDCWD = -100;
const AT_SYMLINK_FOLLOW = 0x400;

const linkat = declare<(fromDir: number, from: string, toDir: number, to: string, flags: number) => number>(
  "int linkat(int, const char*, int, const char*, int)",
);

/**
 * Gives an open file another name, whatever became of the one it was opened by; false where the name is taken.
 * @throws {SystemCallError} ENOENT where the file has lost its last name
 * @see open(2), on O_TMPFILE, for the way through /proc
 */
export function linkDescriptor(fd: number, path: string): boolean {
  if (linkat(AT_FDCWD, `/proc/self/fd/${fd}`, AT_FDCWD, path, AT_SYMLINK_FOLLOW) === 0) return true;
  const error = lastError("linkat", path);
  if (hasCode(error, "EEXIST")) return false;
  throw error;
}
