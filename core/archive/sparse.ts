import { BLOCK_BYTES, type Field, numberField } from "./header.ts";
import { type Place, refusal } from "./refusal.ts";

/** The stretches of a sparse file that are not holes, ascending. */
export interface SparseMap {
  readonly offsets: readonly number[];
  readonly lengths: readonly number[];
}

/** More stretches than this are refused: the map is held in memory. */
const MAX_STRETCHES = 2 ** 20;

/** Collects the stretches of one file; refuses what overlaps, goes back or passes the file's end. */
export class SparseMapBuilder {
  readonly #place: Place;
  readonly #offsets: number[] = [];
  readonly #lengths: number[] = [];
  #end = 0;

  constructor(place: Place) {
    this.#place = place;
  }

  add(offset: number, length: number): void {
    const isInOrder = offset >= this.#end && length >= 0 && Number.isSafeInteger(offset + length);
    if (!isInOrder) throw refusal("CORRUPT_ARCHIVE", this.#place, "its sparse map overlaps or goes backwards");
    if (this.#offsets.length >= MAX_STRETCHES) {
      throw refusal("UNSAFE_ARCHIVE", this.#place, `its sparse map has more than ${MAX_STRETCHES} stretches`);
    }
    this.#end = offset + length;
    if (length === 0) return;
    this.#offsets.push(offset);
    this.#lengths.push(length);
  }

  finish(realSizeBytes: number): SparseMap {
    if (this.#end <= realSizeBytes) return { offsets: this.#offsets, lengths: this.#lengths };
    throw refusal("CORRUPT_ARCHIVE", this.#place, "its sparse map passes the end of the file");
  }
}

const STRETCH_BYTES = 24;
const HEADER_STRETCHES_AT = 386;
const HEADER_STRETCHES = 4;
const HEADER_CONTINUES_AT = 482;
const BLOCK_STRETCHES = 21;
const BLOCK_CONTINUES_AT = 504;

/** Reads a sparse map that comes in blocks after the header. */
export interface SparseMapReader {
  /** Whether its blocks are counted in the entry's size. */
  readonly isPartOfContents: boolean;
  /** Takes one block; true when the map is complete. */
  takeBlock(bytes: Uint8Array, at: number): boolean;
  finish(realSizeBytes: number): SparseMap;
}

/** Reads an old GNU map: it begins in the header. */
export class OldSparseMapReader implements SparseMapReader {
  readonly isPartOfContents = false;
  readonly #builder: SparseMapBuilder;
  readonly #place: Place;

  constructor(place: Place) {
    this.#place = place;
    this.#builder = new SparseMapBuilder(place);
  }

  /** Takes the header; true when no blocks follow. */
  takeHeader(bytes: Uint8Array, at: number): boolean {
    this.#addStretches(bytes, at + HEADER_STRETCHES_AT, HEADER_STRETCHES);
    return bytes[at + HEADER_CONTINUES_AT] === 0;
  }

  takeBlock(bytes: Uint8Array, at: number): boolean {
    this.#addStretches(bytes, at, BLOCK_STRETCHES);
    return bytes[at + BLOCK_CONTINUES_AT] === 0;
  }

  finish(realSizeBytes: number): SparseMap {
    return this.#builder.finish(realSizeBytes);
  }

  #addStretches(bytes: Uint8Array, start: number, count: number): void {
    for (let i = 0; i < count; i++) {
      const at = start + i * STRETCH_BYTES;
      if (bytes[at] === 0) return;
      const offset = numberField(bytes, at, OFFSET, this.#place);
      this.#builder.add(offset, numberField(bytes, at, LENGTH, this.#place));
    }
  }
}

const OFFSET: Field = { at: 0, width: 12, name: "sparse map" };
const LENGTH: Field = { at: 12, width: 12, name: "sparse map" };

/** Reads a map of PAX format 1.0: decimal numbers, each on a line, at the beginning of the contents. */
export class PaxSparseMapReader implements SparseMapReader {
  readonly isPartOfContents = true;
  readonly #builder: SparseMapBuilder;
  readonly #place: Place;
  #digits = "";
  #count: number | null = null;
  #offset: number | null = null;

  constructor(place: Place) {
    this.#place = place;
    this.#builder = new SparseMapBuilder(place);
  }

  /** What follows a complete map in its block is padding. */
  takeBlock(bytes: Uint8Array, at: number): boolean {
    for (let i = at; i < at + BLOCK_BYTES; i++) {
      const byte = bytes[i] ?? 0;
      if (byte === 0x0a) {
        this.#takeNumber();
        if (this.#count === 0) return true;
      } else if (byte >= 0x30 && byte <= 0x39 && this.#digits.length < 16) {
        this.#digits += String.fromCharCode(byte);
      } else {
        throw refusal("CORRUPT_ARCHIVE", this.#place, "its sparse map is malformed");
      }
    }
    return false;
  }

  finish(realSizeBytes: number): SparseMap {
    return this.#builder.finish(realSizeBytes);
  }

  #takeNumber(): void {
    const value = Number(this.#digits);
    if (this.#digits === "" || !Number.isSafeInteger(value)) {
      throw refusal("CORRUPT_ARCHIVE", this.#place, "its sparse map is malformed");
    }
    this.#digits = "";
    if (this.#count === null) this.#count = value;
    else if (this.#offset === null) this.#offset = value;
    else {
      this.#builder.add(this.#offset, value);
      this.#offset = null;
      this.#count--;
    }
  }
}
