import { hasCode } from "./errno.ts";
import { declare, lastError } from "./ffi.ts";
import type { CString } from "./openat.ts";

const fsetxattr = declare<(fd: number, name: CString, value: Uint8Array, sizeBytes: number, flags: number) => number>(
  "int fsetxattr(int, const void*, const void*, size_t, int)",
);
const setxattr = declare<(path: string, name: CString, value: Uint8Array, sizeBytes: number, flags: number) => number>(
  "int setxattr(const char*, const void*, const void*, size_t, int)",
);
const fremovexattr = declare<(fd: number, name: string) => number>("int fremovexattr(int, const char*)");

/** Sets an extended attribute of an open file. @throws {SystemCallError} */
export function setXattr(fd: number, name: CString, value: Uint8Array): void {
  if (fsetxattr(fd, name, value, value.length, 0) < 0) throw lastError("fsetxattr");
}

/** As `setXattr`, through a descriptor that only names the file (or the symbolic link). @throws {SystemCallError} */
export function setXattrOfPlace(fd: number, name: CString, value: Uint8Array): void {
  if (setxattr(`/proc/self/fd/${fd}`, name, value, value.length, 0) < 0) throw lastError("setxattr");
}

/** Takes an extended attribute of an open file away; nothing when it is not there. @throws {SystemCallError} */
export function removeXattrOf(fd: number, name: string): void {
  if (fremovexattr(fd, name) === 0) return;
  const error = lastError("fremovexattr");
  if (!hasCode(error, "ENODATA", "EOPNOTSUPP", "ENOTSUP")) throw error;
}
