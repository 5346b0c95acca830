import { BlobFile } from "../decompress/blob-file.ts";
import type { Arrival } from "./messages.ts";
import type { StoredArchive } from "./stored-archive.ts";

/** A stored archive that is still being written, read as it comes: reading blocks until there is more, or an end. */
export class ArrivingFile implements StoredArchive {
  readonly #file: BlobFile;
  readonly #next: () => Arrival;
  #waitedMs = 0;
  #arrival: Arrival = { readableBytes: 0, totalBytes: null, isAll: false };

  /**
   * @param next blocks until more can be read than it said before, or all of it
   * @throws {ImgstoreError} BLOB_LOST, IO_ERROR
   */
  constructor(path: string, next: () => Arrival) {
    this.#file = new BlobFile(path);
    this.#next = next;
  }

  /** Bytes that have arrived, as far as is known. */
  get sizeBytes(): number {
    return this.#arrival.readableBytes;
  }

  get waitedMs(): number {
    return this.#waitedMs;
  }

  /** How many there will be, as far as is known. */
  get totalBytes(): number | null {
    return this.#arrival.totalBytes;
  }

  get readBytes(): number {
    return this.#file.readBytes;
  }

  peek(length: number): Uint8Array {
    this.#waitFor(length);
    return this.#file.peek(Math.min(length, this.#arrival.readableBytes));
  }

  next(into: Uint8Array): number {
    this.#waitFor(this.readBytes + 1);
    const most = this.#arrival.readableBytes - this.readBytes;
    return most === 0 ? 0 : this.#file.next(most < into.length ? into.subarray(0, most) : into);
  }

  #waitFor(bytes: number): void {
    if (this.#arrival.readableBytes >= bytes || this.#arrival.isAll) return;
    const startedAtMs = performance.now();
    while (this.#arrival.readableBytes < bytes && !this.#arrival.isAll) this.#arrival = this.#next();
    this.#waitedMs += performance.now() - startedAtMs;
  }
}
