import { constants } from "node:fs";
import { hasCode } from "./errno.ts";
import { declare, lastError } from "./ffi.ts";

const O_PATH = 0x200000;
const O_CLOEXEC = 0x80000;
const AT_REMOVEDIR = 0x200;
const RENAME_NOREPLACE = 1;
const OPENAT2 = 437;
const RESOLVE_NO_XDEV = 0x01;
const RESOLVE_NO_MAGICLINKS = 0x02;
const RESOLVE_IN_ROOT = 0x10;

/** A name or a path for the kernel: bytes that end with NUL. */
export type CString = Uint8Array;

/** Bytes (without a NUL in them) as the kernel takes them. */
export function cString(bytes: Uint8Array): CString {
  const terminated = new Uint8Array(bytes.length + 1);
  terminated.set(bytes);
  return terminated;
}

/** A path or a name of our own as the kernel takes it: UTF-8. */
export function cPath(path: string): CString {
  return cString(new TextEncoder().encode(path));
}

const openat = declare<(dir: number, name: CString, flags: number, mode: number) => number>(
  "int openat(int, const void*, int, unsigned int)",
);
const openat2 = declare<(call: number, dir: number, path: CString, how: Uint8Array, sizeBytes: number) => number>(
  "long syscall(long, int, const void*, const void*, size_t)",
);
const mkdirat = declare<(dir: number, name: CString, mode: number) => number>(
  "int mkdirat(int, const void*, unsigned int)",
);
const symlinkat = declare<(target: CString, dir: number, name: CString) => number>(
  "int symlinkat(const void*, int, const void*)",
);
const linkat = declare<(fromDir: number, from: CString, toDir: number, to: CString, flags: number) => number>(
  "int linkat(int, const void*, int, const void*, int)",
);
const mknodat = declare<(dir: number, name: CString, mode: number, device: number) => number>(
  "int mknodat(int, const void*, unsigned int, uint64_t)",
);
const unlinkat = declare<(dir: number, name: CString, flags: number) => number>("int unlinkat(int, const void*, int)");
const readlinkat = declare<(dir: number, name: CString, target: Uint8Array, sizeBytes: number) => number>(
  "long readlinkat(int, const void*, void*, size_t)",
);
const renameat2 = declare<(fromDir: number, from: CString, toDir: number, to: CString, flags: number) => number>(
  "int renameat2(int, const void*, int, const void*, unsigned int)",
);

/** The directory paths are relative to where a function wants a descriptor. */
export const WORKING_DIRECTORY = -100;

/** A file that must not be there yet, for writing. @throws {SystemCallError} EEXIST and others */
export function createFileAt(dir: number, name: CString, mode: number): number {
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW | O_CLOEXEC;
  return checked("openat", openat(dir, name, flags, mode));
}

/**
 * A file for reading and writing that has no name any more when this returns.
 * @param name free in the directory
 * @throws {SystemCallError}
 */
export function openScratchFileAt(dir: number, name: CString): number {
  const flags = constants.O_RDWR | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW | O_CLOEXEC;
  const fd = checked("openat", openat(dir, name, flags, 0o600));
  unlinkAt(dir, name);
  return fd;
}

/** A directory, not through a symbolic link in its last component. @throws {SystemCallError} ENOTDIR, ELOOP and others */
export function openDirectoryAt(dir: number, name: CString): number {
  const flags = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW | O_CLOEXEC;
  return checked("openat", openat(dir, name, flags, 0));
}

/**
 * Opens a directory below `root` as if `root` were "/": symbolic links on the way, absolute ones and ".." in them too,
 * stay inside; mounts and /proc's magic links are not crossed. The descriptor only names the directory.
 * @throws {SystemCallError} ENOENT, ENOTDIR, ELOOP, EXDEV and others
 * @see openat2(2)
 */
export function openDirectoryInRoot(root: number, path: CString): number {
  return resolve(root, path, IN_ROOT);
}

/** A directory as named, for reading, where it lies on the same mount. @throws {SystemCallError} EXDEV on a mount point */
export function openDirectoryOnSameMount(dir: number, name: CString): number {
  return resolve(dir, name, SAME_MOUNT);
}

const IN_ROOT = openHow(O_PATH | constants.O_DIRECTORY, RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_XDEV);
const SAME_MOUNT = openHow(constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW, RESOLVE_NO_XDEV);

/** struct open_how: flags, mode, resolve; 64 bits each. */
function openHow(flags: number, resolveFlags: number): Uint8Array {
  return new Uint8Array(new BigUint64Array([BigInt(flags | O_CLOEXEC), 0n, BigInt(resolveFlags)]).buffer);
}

/** The kernel says EAGAIN when something anywhere was renamed meanwhile. */
const RESOLVE_TRIES = 128;

function resolve(dir: number, path: CString, how: Uint8Array): number {
  for (let tries = 1; ; tries++) {
    const fd = openat2(OPENAT2, dir, path, how, how.length);
    if (fd >= 0) return fd;
    const error = lastError("openat2");
    if (!hasCode(error, "EAGAIN") || tries === RESOLVE_TRIES) throw error;
  }
}

/** @throws {SystemCallError} EEXIST and others */
export function makeDirectoryAt(dir: number, name: CString, mode: number): void {
  checked("mkdirat", mkdirat(dir, name, mode));
}

/** @throws {SystemCallError} EEXIST and others */
export function makeSymlinkAt(dir: number, name: CString, target: CString): void {
  checked("symlinkat", symlinkat(target, dir, name));
}

/** Another name of a file; of a symbolic link itself where it is one. @throws {SystemCallError} EEXIST and others */
export function linkAt(fromDir: number, from: CString, toDir: number, to: CString): void {
  checked("linkat", linkat(fromDir, from, toDir, to, 0));
}

/** @param mode with the type's bits @throws {SystemCallError} EEXIST, EPERM and others */
export function makeNodeAt(dir: number, name: CString, mode: number, device: number): void {
  checked("mknodat", mknodat(dir, name, mode, device));
}

/** @throws {SystemCallError} EISDIR, ENOENT and others */
export function unlinkAt(dir: number, name: CString): void {
  checked("unlinkat", unlinkat(dir, name, 0));
}

/** @throws {SystemCallError} ENOTEMPTY, EBUSY (something is mounted there) and others */
export function removeDirectoryAt(dir: number, name: CString): void {
  checked("unlinkat", unlinkat(dir, name, AT_REMOVEDIR));
}

/** Renames to a name that must be free. @throws {SystemCallError} EEXIST and others */
export function renameAt(fromDir: number, from: CString, toDir: number, to: CString): void {
  checked("renameat2", renameat2(fromDir, from, toDir, to, RENAME_NOREPLACE));
}

/** A regular file for reading, its own symbolic links not followed. @throws {SystemCallError} ELOOP, ENOENT and others */
export function openFileAt(dir: number, name: CString): number {
  return checked("openat", openat(dir, name, constants.O_RDONLY | constants.O_NOFOLLOW | O_CLOEXEC, 0));
}

/** Whatever lies under a name, a symbolic link itself included, only to be named. @throws {SystemCallError} */
export function openPlaceAt(dir: number, name: CString): number {
  return checked("openat", openat(dir, name, O_PATH | constants.O_NOFOLLOW | O_CLOEXEC, 0));
}

/** The kernel's own bound on a path (PATH_MAX). */
const MAX_TARGET_BYTES = 4096;

/** The target of a symbolic link, verbatim. @throws {SystemCallError} */
export function readLinkAt(dir: number, name: CString): Uint8Array {
  const target = new Uint8Array(MAX_TARGET_BYTES);
  return target.slice(0, checked("readlinkat", readlinkat(dir, name, target, target.length)));
}

function checked(syscall: string, result: number): number {
  if (result < 0) throw lastError(syscall);
  return result;
}
