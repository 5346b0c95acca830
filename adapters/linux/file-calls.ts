import { hasCode } from "./errno.ts";
import { declare, lastError } from "./ffi.ts";
import type { CString } from "./openat.ts";

const AT_SYMLINK_NOFOLLOW = 0x100;
const FALLOC_FL_KEEP_SIZE = 1;

const pwrite = declare<(fd: number, address: number, length: number, position: number) => number>(
  "long pwrite(int, uintptr_t, size_t, int64_t)",
);
const pread = declare<(fd: number, bytes: Uint8Array, length: number, position: number) => number>(
  "long pread(int, void*, size_t, int64_t)",
);
const lseek = declare<(fd: number, position: number, whence: number) => number>("int64_t lseek(int, int64_t, int)");
const ftruncate = declare<(fd: number, length: number) => number>("int ftruncate(int, int64_t)");
const fallocate = declare<(fd: number, mode: number, offset: number, length: number) => number>(
  "int fallocate(int, int, int64_t, int64_t)",
);
const fchown = declare<(fd: number, uid: number, gid: number) => number>("int fchown(int, unsigned int, unsigned int)");
const fchownat = declare<(dir: number, name: CString, uid: number, gid: number, flags: number) => number>(
  "int fchownat(int, const void*, unsigned int, unsigned int, int)",
);
const fchmod = declare<(fd: number, mode: number) => number>("int fchmod(int, unsigned int)");
const fchmodat = declare<(dir: number, name: CString, mode: number, flags: number) => number>(
  "int fchmodat(int, const void*, unsigned int, int)",
);
const futimens = declare<(fd: number, times: Uint8Array) => number>("int futimens(int, const void*)");
const utimensat = declare<(dir: number, name: CString, times: Uint8Array, flags: number) => number>(
  "int utimensat(int, const void*, const void*, int)",
);
const close = declare<(fd: number) => number>("int close(int)");

/**
 * Writes all of a stretch of memory at a position of a file. The caller keeps the memory alive.
 * @throws {SystemCallError} ENOSPC, EDQUOT, EFBIG and others
 */
export function writeAt(fd: number, address: number, length: number, position: number): void {
  for (let written = 0; written < length; ) {
    const count = pwrite(fd, address + written, length - written, position + written);
    if (count > 0) written += count;
    else {
      const error = lastError("pwrite");
      if (!hasCode(error, "EINTR")) throw error;
    }
  }
}

/** Fills `bytes` from a position of a file; how many there were. @throws {SystemCallError} */
export function readAt(fd: number, bytes: Uint8Array, position: number): number {
  for (let filled = 0; ; ) {
    if (filled === bytes.length) return filled;
    const count = pread(fd, bytes.subarray(filled), bytes.length - filled, position + filled);
    if (count === 0) return filled;
    if (count > 0) filled += count;
    else {
      const error = lastError("pread");
      if (!hasCode(error, "EINTR")) throw error;
    }
  }
}

const SEEK_DATA = 3;

/** Where the next byte of a file lies, from a position on, that is not in a hole; null where there is none. @throws {SystemCallError} */
export function nextDataAt(fd: number, position: number): number | null {
  const at = lseek(fd, position, SEEK_DATA);
  if (at >= 0) return at;
  const error = lastError("lseek");
  if (hasCode(error, "ENXIO")) return null;
  throw error;
}

/** @throws {SystemCallError} EFBIG and others */
export function setSize(fd: number, sizeBytes: number): void {
  checked("ftruncate", ftruncate(fd, sizeBytes));
}

/**
 * Takes room for so many bytes of a file at once, in one piece where there is one; its size stays. Nothing where the file
 * system cannot.
 * @throws {SystemCallError} ENOSPC, EDQUOT, EFBIG and others
 */
export function reserveSpace(fd: number, sizeBytes: number): void {
  if (fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, sizeBytes) === 0) return;
  const error = lastError("fallocate");
  if (!hasCode(error, "EOPNOTSUPP", "ENOTSUP", "ENOSYS", "EINTR")) throw error;
}

/** @throws {SystemCallError} EPERM, EINVAL (an id this user namespace does not have) and others */
export function setOwner(fd: number, uid: number, gid: number): void {
  checked("fchown", fchown(fd, uid, gid));
}

/** As `setOwner`, of what lies under a name, a symbolic link itself included. @throws {SystemCallError} */
export function setOwnerAt(dir: number, name: CString, uid: number, gid: number): void {
  checked("fchownat", fchownat(dir, name, uid, gid, AT_SYMLINK_NOFOLLOW));
}

/** @throws {SystemCallError} */
export function setMode(fd: number, mode: number): void {
  checked("fchmod", fchmod(fd, mode));
}

/** As `setMode`, of what lies under a name that is known to be no symbolic link. @throws {SystemCallError} */
export function setModeAt(dir: number, name: CString, mode: number): void {
  checked("fchmodat", fchmodat(dir, name, mode, 0));
}

/** Access and modification time in one. @throws {SystemCallError} */
export function setTimes(fd: number, seconds: number, nanoseconds: number): void {
  checked("futimens", futimens(fd, timespecs(seconds, nanoseconds)));
}

/** As `setTimes`, of what lies under a name, a symbolic link itself included. @throws {SystemCallError} */
export function setTimesAt(dir: number, name: CString, seconds: number, nanoseconds: number): void {
  checked("utimensat", utimensat(dir, name, timespecs(seconds, nanoseconds), AT_SYMLINK_NOFOLLOW));
}

/** @throws {SystemCallError} what a write before it met */
export function closeFile(fd: number): void {
  checked("close", close(fd));
}

const times = new Uint32Array(8);
const timesBytes = new Uint8Array(times.buffer);

/** Two struct timespec, as halves of 64-bit numbers: a call as frequent as this one makes no BigInt. */
function timespecs(seconds: number, nanoseconds: number): Uint8Array {
  times[0] = times[4] = seconds >>> 0;
  times[1] = times[5] = Math.floor(seconds / 2 ** 32) >>> 0;
  times[2] = times[6] = nanoseconds;
  return timesBytes;
}

function checked(syscall: string, result: number): void {
  if (result < 0) throw lastError(syscall);
}
