import { declare, lastError } from "../../../adapters/linux/ffi.ts";

const getrusage = declare<(who: number, usage: Uint8Array) => number>("int getrusage(int, void*)");

const RUSAGE_CHILDREN = -1;
/** struct rusage: two struct timeval, then ru_maxrss in KiB. */
const MAX_RSS = 32;

/** The most memory, in bytes, that any process had which this one started and which has ended. */
export function largestChildBytes(): number {
  const usage = Buffer.alloc(144);
  if (getrusage(RUSAGE_CHILDREN, usage) < 0) throw lastError("getrusage");
  return Number(usage.readBigInt64LE(MAX_RSS)) * 1024;
}
