import { declare, declareBlocking, lastError } from "./ffi.ts";

const syncfs = declare<(fd: number) => number>("int syncfs(int)");
const syncfsAside = declareBlocking("int syncfs(int)");

/**
 * Makes everything durable that was written to the file system an open file lies on. Blocks until it is: not for a
 * thread that has something else to do.
 * @throws {SystemCallError} EIO, ENOSPC, EDQUOT, also of an earlier write
 */
export function syncFileSystem(fd: number): void {
  if (syncfs(fd) < 0) throw lastError("syncfs");
}

/**
 * Has written what can be written by now of the file system an open file lies on; no promise of durability, and no
 * failure: whoever needs one asks `syncFileSystem` at the end. Off the event loop.
 */
export async function startWriteBack(fd: number): Promise<void> {
  await syncfsAside(fd);
}
