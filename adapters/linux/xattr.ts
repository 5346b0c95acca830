import { hasCode } from "./errno.ts";
import { declare, lastError } from "./ffi.ts";
import type { CString } from "./openat.ts";

const fsetxattr = declare<(fd: number, name: CString, value: Uint8Array, sizeBytes: number, flags: number) => number>(
  "int fsetxattr(int, const void*, const void*, size_t, int)",
);
const lsetxattr = declare<
  (path: CString, name: CString, value: Uint8Array, sizeBytes: number, flags: number) => number
>("int lsetxattr(const void*, const void*, const void*, size_t, int)");
const fchdir = declare<(fd: number) => number>("int fchdir(int)");
const fremovexattr = declare<(fd: number, name: string) => number>("int fremovexattr(int, const char*)");

/** Sets an extended attribute of an open file. @throws {SystemCallError} */
export function setXattr(fd: number, name: CString, value: Uint8Array): void {
  if (fsetxattr(fd, name, value, value.length, 0) < 0) throw lastError("fsetxattr");
}

/**
 * As `setXattr`, of what lies under a name, a symbolic link itself included. The thread's working directory is the
 * directory then: before Linux 6.13 there is no such call relative to a descriptor.
 * @throws {SystemCallError}
 */
export function setXattrAt(dir: number, name: CString, attribute: CString, value: Uint8Array): void {
  if (fchdir(dir) < 0) throw lastError("fchdir");
  if (lsetxattr(name, attribute, value, value.length, 0) < 0) throw lastError("lsetxattr");
}

/** Takes an extended attribute of an open file away; nothing when it is not there. @throws {SystemCallError} */
export function removeXattrOf(fd: number, name: string): void {
  if (fremovexattr(fd, name) === 0) return;
  const error = lastError("fremovexattr");
  if (!hasCode(error, "ENODATA", "EOPNOTSUPP", "ENOTSUP")) throw error;
}
