import { addressOf } from "../../linux/ffi.ts";

/** Addresses of byte ranges that all lie in the same buffer, or seldom in another: asked for once a buffer. */
export class BufferAddress {
  #buffer: ArrayBufferLike | null = null;
  #address = 0;

  /** Of the first byte. It stays while whoever asks keeps the bytes. */
  of(bytes: Uint8Array): number {
    // to have a buffer at all is what moves a small array out of the heap
    const { buffer, byteOffset } = bytes;
    if (buffer !== this.#buffer) {
      this.#address = addressOf(new Uint8Array(buffer));
      this.#buffer = buffer;
    }
    return this.#address + byteOffset;
  }
}
