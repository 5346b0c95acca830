import { declare, lastError } from "./ffi.ts";

const syncfs = declare<(fd: number) => number>("int syncfs(int)");

/**
 * Makes everything durable that was written to the file system an open file lies on. Blocks until it is: not for a
 * thread that has something else to do.
 * @throws {SystemCallError} EIO, ENOSPC, EDQUOT, also of an earlier write
 */
export function syncFileSystem(fd: number): void {
  if (syncfs(fd) < 0) throw lastError("syncfs");
}
