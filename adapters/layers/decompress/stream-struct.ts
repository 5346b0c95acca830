import type { CodecMemory } from "./codec-memory.ts";

/*
 * What z_stream, and after it bz_stream and lzma_stream, have at the same offsets on 64-bit, little-endian machines.
 * The counts are 32 bits wide in z_stream and bz_stream and 64 bits in lzma_stream, whose upper halves stay zero:
 * buffers are small.
 */
const NEXT_IN = 0;
const AVAIL_IN = 8;
const NEXT_OUT = 24;
const AVAIL_OUT = 32;

/** More than the largest of the three structs has (lzma_stream: 136). */
export const STREAM_STRUCT_BYTES = 256;

/** Gives the library's struct the stored bytes and the output. @see zlib.h, bzlib.h, lzma/base.h */
export function offerBuffers(memory: CodecMemory): void {
  const { struct } = memory;
  memory.setWide(NEXT_IN, memory.fromAddress);
  struct.setUint32(AVAIL_IN, memory.inputBytes, true);
  memory.setWide(NEXT_OUT, memory.outputAddress);
  struct.setUint32(AVAIL_OUT, memory.outputBytes, true);
}

/** Advances by what the library took and gave. */
export function advanceBuffers(memory: CodecMemory): void {
  const consumedBytes = memory.inputBytes - memory.struct.getUint32(AVAIL_IN, true);
  const producedBytes = memory.outputBytes - memory.struct.getUint32(AVAIL_OUT, true);
  memory.advance(consumedBytes, producedBytes);
}
