import { declare, lastError } from "./ffi.ts";

const fstatvfs = declare<(fd: number, buffer: Uint8Array) => number>("int fstatvfs(int, void*)");

/**
 * Blocks that this user may still fill on the file system an open file lies on; of 4 KiB mostly, so that it is good for
 * telling a full disk from others, not for sums.
 * @throws {SystemCallError}
 * @see fstatvfs(3): laid out as on every 64-bit Linux, f_bavail being the fifth of its numbers
 */
export function freeBlocksOf(fd: number): number {
  const numbers = new BigUint64Array(16);
  if (fstatvfs(fd, new Uint8Array(numbers.buffer)) < 0) throw lastError("fstatvfs");
  return Number(numbers[4]);
}
