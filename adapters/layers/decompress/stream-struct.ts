import type { CodecMemory } from "./codec-memory.ts";
import type { Step } from "./stream-decoder.ts";

/*
 * What z_stream, and after it bz_stream and lzma_stream, have at the same offsets on 64-bit, little-endian machines.
 * The counts are 32 bits wide in bz_stream and 64 bits in lzma_stream, whose upper halves stay zero: buffers are small.
 */
const NEXT_IN = 0;
const AVAIL_IN = 8;
const NEXT_OUT = 24;
const AVAIL_OUT = 32;

/** Gives the library's struct the stored bytes `from` to `to` and the whole output. @see bzlib.h, lzma/base.h */
export function offerBuffers(memory: CodecMemory, from: number, to: number): void {
  const { struct } = memory;
  struct.setBigUint64(NEXT_IN, BigInt(memory.inputAddress + from), true);
  struct.setUint32(AVAIL_IN, to - from, true);
  struct.setBigUint64(NEXT_OUT, BigInt(memory.outputAddress), true);
  struct.setUint32(AVAIL_OUT, memory.output.length, true);
}

/** What the library took of `offeredBytes` and gave for them. */
export function usedOfBuffers(memory: CodecMemory, offeredBytes: number): Omit<Step, "outcome"> {
  return {
    consumedBytes: offeredBytes - memory.struct.getUint32(AVAIL_IN, true),
    producedBytes: memory.output.length - memory.struct.getUint32(AVAIL_OUT, true),
  };
}
