import { declare, lastError } from "../../../adapters/linux/ffi.ts";

const RUSAGE_CHILDREN = -1;

/** Bytes of `struct rusage`: two times of two 64-bit fields, and fourteen counters. */
const RUSAGE_BYTES = 144;

const getrusage = declare<(who: number, usage: Uint8Array) => number>("int getrusage(int who, void *usage)");

export interface CpuTime {
  readonly userMs: number;
  readonly systemMs: number;
}

/**
 * Processor time of all children of this process that have ended, and of theirs. The kernel counts it to the
 * microsecond, so nothing that lived between two samples is missed; who was not waited for is. @see getrusage(2)
 */
export function childrenCpu(): CpuTime {
  const usage = Buffer.alloc(RUSAGE_BYTES);
  if (getrusage(RUSAGE_CHILDREN, usage) !== 0) throw lastError("getrusage");
  const timeAt = (offset: number): number =>
    Number(usage.readBigInt64LE(offset)) * 1000 + Number(usage.readBigInt64LE(offset + 8)) / 1000;
  return { userMs: timeAt(0), systemMs: timeAt(16) };
}
