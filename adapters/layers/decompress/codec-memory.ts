import { addressOf } from "../../linux/ffi.ts";

/** Buffers of 64 KiB to 1 MiB are equally fast, smaller ones are not. */
const BUFFER_BYTES = 256 * 1024;

/** More than the largest struct has (lzma_stream: 136). */
const STRUCT_BYTES = 256;

/**
 * What a C library reads and writes while it decodes: its struct (zeros at first), stored bytes and plain bytes, at
 * addresses that stay. Whoever holds one of the addresses keeps this object alive.
 */
export class CodecMemory {
  readonly struct: DataView;
  readonly input: Uint8Array;
  readonly output: Uint8Array;
  readonly structAddress: number;
  readonly inputAddress: number;
  readonly outputAddress: number;

  constructor() {
    // a buffer of its own of this size lies outside of the heap, where nothing moves
    const bytes = new Uint8Array(STRUCT_BYTES + 2 * BUFFER_BYTES);
    this.struct = new DataView(bytes.buffer, 0, STRUCT_BYTES);
    this.input = bytes.subarray(STRUCT_BYTES, STRUCT_BYTES + BUFFER_BYTES);
    this.output = bytes.subarray(STRUCT_BYTES + BUFFER_BYTES);
    this.structAddress = addressOf(bytes);
    this.inputAddress = this.structAddress + STRUCT_BYTES;
    this.outputAddress = this.inputAddress + BUFFER_BYTES;
  }
}
