import { declare, lastError } from "./ffi.ts";

/** System call numbers that are the same on every architecture. */
const SYS_MOVE_MOUNT = 429;
const SYS_FSOPEN = 430;
const SYS_FSCONFIG = 431;
const SYS_FSMOUNT = 432;

const FSOPEN_CLOEXEC = 1;
const FSMOUNT_CLOEXEC = 1;
const SET_STRING = 1;
const SET_FD = 5;
const CREATE = 6;
/** MOVE_MOUNT_F_EMPTY_PATH and MOVE_MOUNT_T_EMPTY_PATH: both ends are descriptors. */
const BOTH_ARE_DESCRIPTORS = 0x44;

const UMOUNT_NOFOLLOW = 8;
const MNT_DETACH = 2;

const fsopen = declare<(n: number, fsType: string, flags: number) => number>(
  "long syscall(long, const char*, unsigned int)",
);
const fsconfig = declare<
  (n: number, context: number, command: number, key: string | null, value: string | null, aux: number) => number
>("long syscall(long, int, unsigned int, const char*, const char*, int)");
const fsmount = declare<(n: number, context: number, flags: number, attributes: number) => number>(
  "long syscall(long, int, unsigned int, unsigned int)",
);
const moveMountCall = declare<
  (n: number, from: number, fromPath: string, to: number, toPath: string, flags: number) => number
>("long syscall(long, int, const char*, int, const char*, unsigned int)");
const mount = declare<(source: string, target: string, fsType: string, flags: number, options: string) => number>(
  "int mount(const char*, const char*, const char*, unsigned long, const char*)",
);
const umount2 = declare<(target: string, flags: number) => number>("int umount2(const char*, int)");
const read = declare<(fd: number, buffer: Uint8Array, sizeBytes: number) => number>("long read(int, void*, size_t)");

/**
 * A context in which a file system is set up; the caller closes it.
 * @throws {SystemCallError} ENOSYS before Linux 5.2, EPERM, ENODEV when the kernel has no such file system
 * @see fsopen(2)
 */
export function openContext(fsType: string): number {
  return checked(fsopen(SYS_FSOPEN, fsType, FSOPEN_CLOEXEC), "fsopen", fsType);
}

/**
 * Sets a parameter to a text of at most 255 bytes.
 * @throws {SystemCallError} with the context's log
 */
export function setText(context: number, key: string, value: string): void {
  inContext(context, fsconfig(SYS_FSCONFIG, context, SET_STRING, key, value, 0), key);
}

/**
 * Sets a parameter to an open directory (overlayfs: Linux 6.13).
 * @throws {SystemCallError} EINVAL where this file system takes none
 */
export function setDescriptor(context: number, key: string, fd: number): void {
  inContext(context, fsconfig(SYS_FSCONFIG, context, SET_FD, key, null, fd), key);
}

/** Makes the file system of the parameters. @throws {SystemCallError} */
export function createFileSystem(context: number): void {
  inContext(context, fsconfig(SYS_FSCONFIG, context, CREATE, null, null, 0), "create");
}

/** A mount of the context's file system that is nowhere yet; closing it before `attach` undoes it. */
export function makeMount(context: number, attributes: number): number {
  return checked(fsmount(SYS_FSMOUNT, context, FSMOUNT_CLOEXEC, attributes), "fsmount");
}

/**
 * Puts a mount onto the directory that `target` is open on, whatever lies under its path by now.
 * @throws {SystemCallError} ENOENT when that directory was removed
 */
export function attach(mountFd: number, target: number): void {
  checked(moveMountCall(SYS_MOVE_MOUNT, mountFd, "", target, "", BOTH_ARE_DESCRIPTORS), "move_mount");
}

/** mount(2), in one step. @throws {SystemCallError} */
export function mountAt(source: string, target: string, fsType: string, flags: number, options: string): void {
  checked(mount(source, target, fsType, flags, options), "mount", target);
}

/**
 * Unmounts what is on top at a path. With `isLazy` it disappears at once and ends when its last user does.
 * @throws {SystemCallError} EBUSY, EINVAL when nothing is mounted there, EPERM
 */
export function unmountAt(path: string, isLazy: boolean): void {
  checked(umount2(path, UMOUNT_NOFOLLOW | (isLazy ? MNT_DETACH : 0)), "umount2", path);
}

function checked(result: number, syscall: string, path?: string): number {
  if (result < 0) throw lastError(syscall, path);
  return result;
}

function inContext(context: number, result: number, key: string): void {
  if (result >= 0) return;
  const error = lastError("fsconfig", key);
  error.message += logOf(context);
  throw error;
}

/** What the kernel has to say about a context: one message a read, until there are no more. */
function logOf(context: number): string {
  const buffer = new Uint8Array(1024);
  const messages: string[] = [];
  for (;;) {
    const sizeBytes = read(context, buffer, buffer.length);
    if (sizeBytes <= 0) break;
    messages.push(new TextDecoder().decode(buffer.subarray(0, sizeBytes)).trim());
  }
  return messages.length === 0 ? "" : ` (${messages.join("; ")})`;
}
