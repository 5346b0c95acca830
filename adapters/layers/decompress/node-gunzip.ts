import { createGunzip, type Gunzip } from "node:zlib";
import { ImgstoreError } from "../../../core/errors.ts";
import { corrupt, decompressError } from "./decompress-error.ts";
import type { GzipDecoder } from "./gzip-decoder.ts";
import { JUNK, zerosFrom } from "./gzip-members.ts";
import type { PlainBytes } from "./plain-bytes.ts";
import type { StoredBytes } from "./stored-bytes.ts";

/** By the runtime's own zlib, in its thread pool, a few buffers ahead of whoever reads. */
export const nodeDecoder: GzipDecoder = {
  name: "node",
  isHere: () => true,
  open: (stored) => new NodeGunzip(stored),
};

const INPUT_BYTES = 256 * 1024;

/** Node's default of 16 KiB costs more than half of the speed; the other one is the stream's: how far it runs ahead. */
const OPTIONS = { chunkSize: 256 * 1024, highWaterMark: 1024 * 1024 };

class NodeGunzip implements PlainBytes {
  readonly #stored: StoredBytes;
  readonly #gunzip: Gunzip = createGunzip(OPTIONS);
  readonly #chunks: AsyncIterator<Uint8Array> = this.#gunzip[Symbol.asyncIterator]();
  #chunk: Uint8Array = new Uint8Array(0);
  #isFed = false;

  constructor(stored: StoredBytes) {
    this.#stored = stored;
  }

  async read(into: Uint8Array): Promise<number> {
    if (!this.#isFed) {
      this.#isFed = true;
      this.#feed().then(
        () => this.#gunzip.end(),
        (error: unknown) => this.#gunzip.destroy(error instanceof Error ? error : new Error(String(error))),
      );
    }
    let filled = 0;
    while (filled < into.length && (await this.#hasChunk())) {
      const part = this.#chunk.subarray(0, into.length - filled);
      into.set(part, filled);
      filled += part.length;
      this.#chunk = this.#chunk.subarray(part.length);
    }
    return filled;
  }

  close(): void {
    this.#gunzip.destroy();
  }

  async #hasChunk(): Promise<boolean> {
    while (this.#chunk.length === 0) {
      const next = await this.#nextChunk();
      if (next.done === true) return false;
      this.#chunk = next.value;
    }
    return true;
  }

  async #nextChunk(): Promise<IteratorResult<Uint8Array>> {
    try {
      return await this.#chunks.next();
    } catch (error) {
      if (error instanceof ImgstoreError) throw error;
      const reason = error instanceof Error ? error.message : String(error);
      throw decompressError("gzip", corrupt(reason), this.#gunzip.bytesWritten, error);
    }
  }

  /** One buffer at a time: it is free again when the stream has taken it. */
  async #feed(): Promise<void> {
    const input = new Uint8Array(INPUT_BYTES);
    let hasEnded = false;
    for (let length = this.#next(input); length > 0; length = this.#next(input)) {
      const takenBytes: number = hasEnded ? 0 : await this.#taken(input.subarray(0, length));
      hasEnded = takenBytes < length;
      // the stream takes nothing after a zero that follows a member, whatever comes then
      const zeros = zerosFrom(input, takenBytes, length);
      if (takenBytes + zeros < length) throw decompressError("gzip", JUNK, this.#stored.readBytes);
    }
  }

  #next(input: Uint8Array): number {
    return this.#gunzip.destroyed ? 0 : this.#stored.next(input);
  }

  /** How many of the bytes the stream took: all, unless the last member ended. Never told once the stream has failed. */
  #taken(bytes: Uint8Array): Promise<number> {
    const before = this.#gunzip.bytesWritten;
    return new Promise((resolve) => {
      this.#gunzip.write(bytes, () => resolve(this.#gunzip.bytesWritten - before));
    });
  }
}
