import { BufferAddress } from "./buffer-address.ts";
import { CodecMemory } from "./codec-memory.ts";
import { CUT_SHORT, decompressError, type Fault } from "./decompress-error.ts";
import type { PlainBytes } from "./plain-bytes.ts";
import type { StoredBytes } from "./stored-bytes.ts";

/** The decoder of a format in a library of the system. */
export interface Codec {
  readonly format: string;
  readonly structBytes: number;
  /** @throws {ImgstoreError} where there is no memory for one */
  readonly open: (memory: CodecMemory) => StreamDecoder;
}

/** One archive that is being decoded. Its memory is the library's: `close` must be called, once. */
export interface StreamDecoder {
  /** Decodes some of the memory's stored bytes into its output, until either is used up, and advances both. */
  readonly step: (isInputOver: boolean) => Outcome;
  readonly close: () => void;
}

/** Where the stored bytes that were consumed end: within a stream, or where an archive may end or another one begin. */
export type Outcome = "within" | "between" | Fault;

/** The plain bytes of a stored file, of all its streams, written by the library straight into whoever's buffer. */
export function decodeStreams(stored: StoredBytes, codec: Codec): PlainBytes {
  return new DecodedStreams(stored, codec);
}

class DecodedStreams implements PlainBytes {
  readonly #stored: StoredBytes;
  readonly #format: string;
  readonly #memory: CodecMemory;
  readonly #decoder: StreamDecoder;
  readonly #addresses: BufferAddress = new BufferAddress();
  #isInputOver = false;
  #outcome: Outcome = "within";

  constructor(stored: StoredBytes, codec: Codec) {
    this.#stored = stored;
    this.#format = codec.format;
    this.#memory = new CodecMemory(codec.structBytes);
    this.#decoder = codec.open(this.#memory);
  }

  read(into: Uint8Array): number {
    const memory = this.#memory;
    memory.outputAddress = this.#addresses.of(into);
    memory.outputBytes = into.length;
    while (memory.outputBytes > 0) {
      if (memory.inputBytes === 0) this.#refill();
      if (this.#isInputOver && this.#outcome === "between") break;
      this.#step();
    }
    return into.length - memory.outputBytes;
  }

  close(): void {
    this.#decoder.close();
  }

  #refill(): void {
    const memory = this.#memory;
    memory.from = 0;
    memory.to = this.#isInputOver ? 0 : this.#stored.next(memory.input);
    this.#isInputOver = memory.to === 0;
  }

  #step(): void {
    const { inputBytes, outputBytes } = this.#memory;
    this.#outcome = this.#decoder.step(this.#isInputOver);
    if (typeof this.#outcome !== "string") throw this.#error(this.#outcome);
    if (this.#outcome === "between") return;
    const hasMoved = this.#hasMoved(inputBytes, outputBytes);
    // what is left within the library comes out first
    if (this.#isInputOver && outputBytes === this.#memory.outputBytes) throw this.#error(CUT_SHORT);
    if (!hasMoved) throw new Error(`the library for ${this.#format} does nothing with what it is given`);
  }

  /** @throws where the library says that it took or gave more than was offered: it is not the one that it should be */
  #hasMoved(inputBytes: number, outputBytes: number): boolean {
    const consumed = inputBytes - this.#memory.inputBytes;
    const produced = outputBytes - this.#memory.outputBytes;
    const isRight = consumed >= 0 && consumed <= inputBytes && produced >= 0 && produced <= outputBytes;
    if (!isRight) throw new Error(`the library for ${this.#format} says that it took ${consumed} and gave ${produced}`);
    return consumed > 0 || produced > 0;
  }

  #error(fault: Fault): Error {
    return decompressError(this.#format, fault, this.#stored.readBytes - this.#memory.inputBytes);
  }
}
