import type { ImgstoreError } from "../errors.ts";
import type { Budget } from "./budget.ts";
import { ContentCursor } from "./content-cursor.ts";
import { type Entry, readEntry } from "./entry.ts";
import { ExtendedHeaders, isExtendedHeader, takeExtendedHeader } from "./extended-headers.ts";
import { BLOCK_BYTES, hasRightChecksum, isZeroBlock, nameOf, paddingOf, sizeField, typeOf } from "./header.ts";
import { type Place, refusal } from "./refusal.ts";
import type { SparseMap, SparseMapReader } from "./sparse.ts";
import { readSparseEntry, type SparseEntry } from "./sparse-entry.ts";
import { sizeOfXattrs } from "./xattrs.ts";

/** Takes what the parser finds, in the archive's order. */
export interface EntrySink {
  /** An entry; what it contains follows. */
  begin(entry: Entry): void;
  /** `bytes` from `start` to `end` belong at `position` of the entry's file; they are only valid during the call. */
  content(bytes: Uint8Array, start: number, end: number, position: number): void;
  /** The entry is whole. */
  end(): void;
}

/** What the next bytes are. */
type Expected =
  | { readonly kind: "header" }
  | { readonly kind: "second-zero-block" }
  | { readonly kind: "extended-header"; readonly type: string; readonly body: Uint8Array; readonly place: Place }
  | {
      readonly kind: "sparse-map";
      readonly entry: Entry;
      readonly storedBytes: number;
      readonly reader: SparseMapReader;
    }
  | { readonly kind: "content" }
  | { readonly kind: "padding" }
  | { readonly kind: "trailing" };

const HEADER: Expected = { kind: "header" };
const CONTENT: Expected = { kind: "content" };
const PADDING: Expected = { kind: "padding" };

/**
 * A parser of tar archives (v7, ustar, PAX, GNU, star) that bytes are pushed into as they come, in pieces of any size.
 * Names stay bytes. Whatever is not exactly an archive is refused with the entry's name and offset.
 * @see POSIX.1-2008, pax; tar(5)
 */
export class EntryParser {
  readonly #sink: EntrySink;
  readonly #budget: Budget;
  readonly #block = new Uint8Array(BLOCK_BYTES);
  #held = 0;
  /** In the plain archive: of the next byte, and of the block that is being read. */
  #position = 0;
  #blockStart = 0;
  #expected: Expected = HEADER;
  #filled = 0;
  #padding = 0;
  #cursor = new ContentCursor(0, null);
  #hasEntries = false;
  readonly #extended: ExtendedHeaders;
  #place: Place = { path: null, offset: 0 };

  constructor(sink: EntrySink, budget: Budget) {
    this.#sink = sink;
    this.#budget = budget;
    this.#extended = new ExtendedHeaders(budget);
  }

  /**
   * Takes the next bytes of the plain archive.
   * @throws {ImgstoreError} NOT_A_TAR, CORRUPT_ARCHIVE, UNSAFE_ARCHIVE, LIMIT_EXCEEDED, and what the sink throws
   */
  push(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; ) {
      const taken = this.#take(bytes, at);
      at += taken;
      this.#position += taken;
    }
  }

  /**
   * There are no more bytes.
   * @throws {ImgstoreError} EMPTY_ARCHIVE, NOT_A_TAR, CORRUPT_ARCHIVE where the archive is cut short
   */
  finish(): void {
    const { kind } = this.#expected;
    const isBlank = this.#held === 0 || this.#block.subarray(0, this.#held).every((byte) => byte === 0);
    const isOver = kind === "trailing" || kind === "second-zero-block";
    if (!this.#hasEntries && isBlank && (isOver || kind === "header") && !this.#extended.isPending) {
      throw refusal("EMPTY_ARCHIVE", this.#place, "there is nothing in it");
    }
    if (isOver && this.#held === 0) return;
    if (!this.#hasEntries && kind === "header" && this.#position < BLOCK_BYTES) throw notATar();
    throw refusal("CORRUPT_ARCHIVE", this.#place, `the archive ends in the middle, after ${this.#position} bytes`);
  }

  /** Takes some bytes from `at` on; how many. */
  #take(bytes: Uint8Array, at: number): number {
    const expected = this.#expected;
    switch (expected.kind) {
      case "content":
        return this.#takeContent(bytes, at);
      case "padding":
        return this.#takePadding(bytes.length - at);
      case "extended-header":
        return this.#takeExtendedHeader(expected, bytes, at);
      case "trailing":
        return this.#takeTrailing(bytes, at);
      case "header":
      case "second-zero-block":
      case "sparse-map":
        return this.#takePartOfBlock(expected, bytes, at);
    }
  }

  /** A block that lies whole in what was pushed is read where it lies; one that is split is put together first. */
  #takePartOfBlock(expected: Expected, bytes: Uint8Array, at: number): number {
    this.#blockStart = this.#position - this.#held;
    const available = bytes.length - at;
    if (this.#held === 0 && available >= BLOCK_BYTES) {
      this.#takeBlock(expected, bytes, at);
      return BLOCK_BYTES;
    }
    const taken = Math.min(available, BLOCK_BYTES - this.#held);
    this.#block.set(bytes.subarray(at, at + taken), this.#held);
    this.#held += taken;
    if (this.#held === BLOCK_BYTES) {
      this.#held = 0;
      this.#takeBlock(expected, this.#block, 0);
    }
    return taken;
  }

  #takeBlock(expected: Expected, bytes: Uint8Array, at: number): void {
    if (expected.kind === "header") this.#takeHeader(bytes, at);
    else if (expected.kind === "second-zero-block") this.#takeSecondZeroBlock(bytes, at);
    else if (expected.kind === "sparse-map") {
      const { entry, reader } = expected;
      this.#budget.takeMetadata(BLOCK_BYTES, entry);
      const storedBytes = expected.storedBytes - (reader.isPartOfContents ? BLOCK_BYTES : 0);
      if (storedBytes < 0) throw refusal("CORRUPT_ARCHIVE", entry, "its sparse map is cut short");
      if (reader.takeBlock(bytes, at)) this.#begin(entry, storedBytes, reader.finish(entry.sizeBytes));
      else this.#expected = { ...expected, storedBytes };
    }
  }

  #takeHeader(bytes: Uint8Array, at: number): void {
    this.#place = { path: null, offset: this.#blockStart };
    if (isZeroBlock(bytes, at)) return this.#takeFirstZeroBlock();
    if (!hasRightChecksum(bytes, at)) {
      if (this.#blockStart === 0) throw notATar();
      throw refusal("CORRUPT_ARCHIVE", this.#place, "the checksum of its header is wrong");
    }
    const type = typeOf(bytes, at);
    if (isExtendedHeader(type)) this.#expectExtendedHeader(type, bytes, at);
    else if (type === VOLUME_LABEL) this.#takeVolumeLabel(bytes, at);
    else this.#takeEntryHeader(type, bytes, at);
  }

  #takeFirstZeroBlock(): void {
    if (this.#extended.isPending) {
      throw refusal(
        "CORRUPT_ARCHIVE",
        this.#place,
        "it ends the archive after an extended header that no entry follows",
      );
    }
    this.#expected = { kind: "second-zero-block" };
  }

  /** Readers differ on what an extended header before it is about, and on whether contents follow it. */
  #takeVolumeLabel(bytes: Uint8Array, at: number): void {
    const place = { path: nameOf(bytes, at), offset: this.#blockStart };
    this.#budget.takeMetadata(BLOCK_BYTES, place);
    if (!this.#extended.isPending && sizeField(bytes, at, place) === 0) return;
    throw refusal("CORRUPT_ARCHIVE", place, "a volume's label with contents or an extended header of its own");
  }

  /** The size of an extended header is always its own: what extended headers before it say is about the entry. */
  #expectExtendedHeader(type: string, bytes: Uint8Array, at: number): void {
    const place = { path: nameOf(bytes, at), offset: this.#blockStart };
    const size = sizeField(bytes, at, place);
    takeExtendedHeader(type, size, place, this.#budget);
    this.#expected = { kind: "extended-header", type, body: new Uint8Array(size), place };
    this.#filled = 0;
    this.#padding = paddingOf(size);
    if (size === 0) this.#finishExtendedHeader(this.#expected);
  }

  #takeExtendedHeader(expected: ExpectedHeader, bytes: Uint8Array, at: number): number {
    const { body } = expected;
    const taken = Math.min(bytes.length - at, body.length - this.#filled);
    body.set(bytes.subarray(at, at + taken), this.#filled);
    this.#filled += taken;
    if (this.#filled === body.length) this.#finishExtendedHeader(expected);
    return taken;
  }

  #finishExtendedHeader({ type, body, place }: ExpectedHeader): void {
    this.#extended.take(type, body, place);
    this.#expected = this.#padding > 0 ? PADDING : HEADER;
  }

  #takeEntryHeader(type: string, bytes: Uint8Array, at: number): void {
    const extensions = this.#extended.release();
    const { pax } = extensions;
    const entry = readEntry(bytes, at, this.#blockStart, extensions);
    this.#place = entry;
    this.#budget.takeEntry(entry);
    this.#hasEntries = true;
    if (entry.kind === "directory" && type !== DIRECTORY && (pax.sizeBytes ?? sizeField(bytes, at, entry)) !== 0) {
      throw refusal("CORRUPT_ARCHIVE", entry, "a file whose name ends in a slash");
    }
    this.#budget.takeMetadata(entry.path.length + entry.link.length + sizeOfXattrs(entry.xattrs), entry);
    this.#expectContents(entry, readSparseEntry(bytes, at, entry, pax.sparse));
  }

  #expectContents(plain: Entry, sparse: SparseEntry | null): void {
    const storedBytes = plain.sizeBytes;
    if (sparse === null) this.#begin(plain, storedBytes, null);
    else if ("map" in sparse) this.#begin(sparse.entry, storedBytes, sparse.map);
    else this.#expected = { kind: "sparse-map", storedBytes, ...sparse };
  }

  #begin(entry: Entry, storedBytes: number, map: SparseMap | null): void {
    this.#budget.takeContent(entry.sizeBytes, entry);
    this.#cursor = new ContentCursor(storedBytes, map);
    if (map !== null && !this.#cursor.isMapOfAll) {
      throw refusal("CORRUPT_ARCHIVE", entry, "its sparse map does not fit what is stored");
    }
    this.#padding = paddingOf(storedBytes);
    this.#sink.begin(entry);
    if (storedBytes === 0) this.#endContent();
    else this.#expected = CONTENT;
  }

  #takeContent(bytes: Uint8Array, at: number): number {
    const { position, length } = this.#cursor.next(bytes.length - at);
    this.#sink.content(bytes, at, at + length, position);
    if (this.#cursor.isAtEnd) this.#endContent();
    return length;
  }

  #endContent(): void {
    this.#sink.end();
    this.#expected = this.#padding > 0 ? PADDING : HEADER;
  }

  #takePadding(available: number): number {
    const taken = Math.min(available, this.#padding);
    this.#padding -= taken;
    if (this.#padding === 0) this.#expected = HEADER;
    return taken;
  }

  #takeSecondZeroBlock(bytes: Uint8Array, at: number): void {
    if (isZeroBlock(bytes, at)) this.#expected = { kind: "trailing" };
    else if (!this.#hasEntries) throw notATar();
    else {
      this.#place = { path: null, offset: this.#blockStart };
      throw refusal("CORRUPT_ARCHIVE", this.#place, "it follows a single block of zeros; two end an archive");
    }
  }

  /** A disk image can begin with blocks of zeros, too. */
  #takeTrailing(bytes: Uint8Array, at: number): number {
    const length = bytes.length - at;
    this.#budget.takeTrailing(length);
    if (!this.#hasEntries && bytes.subarray(at).some((byte) => byte !== 0)) throw notATar();
    return length;
  }
}

type ExpectedHeader = Extract<Expected, { kind: "extended-header" }>;

const DIRECTORY = "5";
/** GNU tar's name of the whole archive: nothing to unpack. */
const VOLUME_LABEL = "V";

function notATar(): ImgstoreError {
  return refusal("NOT_A_TAR", { path: null, offset: 0 }, "it is not the header of a tar archive");
}
