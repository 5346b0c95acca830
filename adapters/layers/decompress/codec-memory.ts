import { addressOf } from "../../linux/ffi.ts";

/** Buffers of 64 KiB to 1 MiB are equally fast, smaller ones are not. */
const INPUT_BYTES = 256 * 1024;

/** Where a struct ends and the input begins: whole cache lines. */
const ALIGNMENT = 64;

/**
 * What a C library reads and writes while it decodes: its struct (zeros at first) and stored bytes at addresses that
 * stay, and whoever's buffer the plain bytes go into. Whoever holds one of the addresses keeps this object alive.
 */
export class CodecMemory {
  readonly struct: DataView;
  readonly structAddress: number;
  readonly input: Uint8Array;
  readonly #inputAddress: number;
  /** The stored bytes that are to be decoded next: `input[from]` up to `input[to]`. */
  from = 0;
  to = 0;
  /** Where the next plain byte goes. */
  outputAddress = 0;
  /** How many may go there. */
  outputBytes = 0;

  constructor(structBytes: number) {
    const inputOffset = Math.ceil(structBytes / ALIGNMENT) * ALIGNMENT;
    // a buffer of its own of this size lies outside of the heap, where nothing moves
    const bytes = new Uint8Array(inputOffset + INPUT_BYTES);
    this.struct = new DataView(bytes.buffer, 0, inputOffset);
    this.structAddress = addressOf(bytes);
    this.input = bytes.subarray(inputOffset);
    this.#inputAddress = this.structAddress + inputOffset;
  }

  /** Of the stored byte that is to be decoded next. */
  get fromAddress(): number {
    return this.#inputAddress + this.from;
  }

  /** How many stored bytes are to be decoded. */
  get inputBytes(): number {
    return this.to - this.from;
  }

  /** Leaves what a step consumed and filled behind. */
  advance(consumedBytes: number, producedBytes: number): void {
    this.from += consumedBytes;
    this.outputAddress += producedBytes;
    this.outputBytes -= producedBytes;
  }

  /** Writes a 64-bit number of the struct's, up to 2^53. As two halves, since a BigInt would be an allocation. */
  setWide(offset: number, value: number): void {
    this.struct.setUint32(offset, value % WORD, true);
    this.struct.setUint32(offset + 4, Math.floor(value / WORD), true);
  }
}

const WORD = 2 ** 32;
