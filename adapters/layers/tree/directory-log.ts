import { type PackedEntry, packEntry, packedBytes, packedBytesAt, unpackEntry } from "./packed-entry.ts";

const BLOCK_BYTES = 256 * 1024;

/** Where a log goes that has outgrown memory. */
export interface Spill {
  /** Appends all of the bytes. */
  write(bytes: Uint8Array): void;
  /** The bytes from a position on, as many as fit; how many there were. */
  read(into: Uint8Array, position: number): number;
}

/**
 * The attributes that directories are to get once everything in them is there, in the archive's order: kept packed, and
 * beyond a block on disk, so that memory stays bounded however many directories there are.
 */
export class DirectoryLog {
  readonly #spill: Spill;
  #block = new Uint8Array(BLOCK_BYTES);
  #view = new DataView(this.#block.buffer);
  #used = 0;
  #spilledBytes = 0;

  constructor(spill: Spill) {
    this.#spill = spill;
  }

  append(directory: PackedEntry): void {
    const length = packedBytes(directory);
    if (this.#used + length > this.#block.length) this.#flush(length);
    packEntry(this.#view, this.#used, directory);
    this.#used += length;
  }

  /** Every directory that was appended, oldest first. */
  *records(): Generator<PackedEntry> {
    if (this.#spilledBytes > 0) this.#flush(0);
    if (this.#spilledBytes === 0) {
      for (let at = 0; at < this.#used; at += packedBytesAt(this.#view, at)) yield unpackEntry(this.#view, at);
      return;
    }
    for (let position = 0; position < this.#spilledBytes; ) {
      const filled = this.#spill.read(this.#block, position);
      let at = 0;
      while (at + 4 <= filled && at + packedBytesAt(this.#view, at) <= filled) {
        yield unpackEntry(this.#view, at);
        at += packedBytesAt(this.#view, at);
      }
      // the block has grown for the longest record when that was written
      if (at === 0) throw new Error("the log of directories is cut short");
      position += at;
    }
  }

  #flush(neededBytes: number): void {
    if (this.#used > 0) this.#spill.write(this.#block.subarray(0, this.#used));
    this.#spilledBytes += this.#used;
    this.#used = 0;
    if (neededBytes <= this.#block.length) return;
    this.#block = new Uint8Array(neededBytes);
    this.#view = new DataView(this.#block.buffer);
  }
}
