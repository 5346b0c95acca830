import { constants } from "node:fs";
import { declare, lastError } from "./ffi.ts";

const O_PATH = 0x200000;
const O_CLOEXEC = 0x80000;

const openCall = declare<(path: string, flags: number, mode: number) => number>(
  "int open(const char*, int, unsigned int)",
);
const closeCall = declare<(fd: number) => number>("int close(int)");

/**
 * A descriptor of a directory, for system calls only (Deno's own descriptors are no numbers of the kernel); the caller
 * closes it with `closeDescriptor`.
 * @param use `read`, or `place`: good for naming the directory, also as the end of a mount, and for nothing else
 * @throws {SystemCallError} ENOENT, ENOTDIR or ELOOP (a symbolic link), EMFILE
 */
export function openDirectory(path: string, use: "read" | "place"): number {
  const access = use === "place" ? O_PATH : constants.O_RDONLY;
  const fd = openCall(path, access | O_CLOEXEC | constants.O_DIRECTORY | constants.O_NOFOLLOW, 0);
  if (fd < 0) throw lastError("open", path);
  return fd;
}

/** Closes a descriptor. Nothing is written through those this is for, so that there is no error to report. */
export function closeDescriptor(fd: number): void {
  closeCall(fd);
}

/**
 * Calls with descriptors for reading of the directories, in their order, and closes them.
 * @throws {SystemCallError} as `openDirectory`
 */
export function withDirectories<T>(paths: readonly string[], use: (fds: readonly number[]) => T): T {
  const fds: number[] = [];
  try {
    for (const path of paths) fds.push(openDirectory(path, "read"));
    return use(fds);
  } finally {
    for (const fd of fds) closeDescriptor(fd);
  }
}
