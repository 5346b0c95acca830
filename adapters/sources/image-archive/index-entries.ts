import { Parser, type ReadEntry } from "tar";
import { type ErrorCode, ImgstoreError } from "../../../core/errors.ts";
import { type ArchiveEntry, EntryIndex, MAX_ARCHIVE_ENTRIES } from "../../../core/image-archive/entry-index.ts";
import { refusal } from "../../../core/image-archive/refusal.ts";
import type { StopSignal } from "../../../core/ports/abort-signal.ts";
import { formatOf } from "../../layers/decompress/formats.ts";
import { interrupted } from "../interrupted.ts";
import type { RegularFile } from "../regular-file.ts";

const BLOCK_BYTES = 512;

/** What the parser is given for contents, which it does not look at. */
const ZEROS = Buffer.alloc(1024 * 1024);

/** Longer names than these are nobody's. */
const MAX_EXTENDED_HEADER_BYTES = 64 * 1024;

/** Of all headers with what extends them: an archive of nothing else would keep us reading for ever. */
const MAX_HEADER_BYTES = 8 * BLOCK_BYTES * MAX_ARCHIVE_ENTRIES;

/**
 * What an archive's entries are and where their bytes lie. Only headers are read: the parser is fed block by block, so
 * that it is known which one it speaks of, and with zeros for what lies between.
 * @throws {ImgstoreError} NOT_A_TAR, CORRUPT_ARCHIVE, LIMIT_EXCEEDED, SOURCE_UNAVAILABLE, INTERRUPTED
 */
export async function indexEntries(plain: RegularFile, signal: StopSignal): Promise<EntryIndex> {
  const index = new EntryIndex();
  const headers = new HeaderReader();
  let position = 0;
  let headerBytes = 0;
  while (position < plain.sizeBytes && !headers.hasEnded) {
    if (signal.aborted) throw interrupted("the archive", signal);
    const block = await plain.readAt(position, BLOCK_BYTES);
    const entry = headers.read(block);
    position += block.length;
    headerBytes += block.length;
    if (headerBytes > MAX_HEADER_BYTES) throw tooManyHeaders();
    if (entry === null) continue;
    const contents = { offset: position, sizeBytes: entry.remain };
    position += entry.startBlockSize;
    if (contents.offset + contents.sizeBytes > plain.sizeBytes) {
      throw refusal("CORRUPT_ARCHIVE", entry.path, "is cut short");
    }
    headers.skip(entry.startBlockSize);
    if (!entry.meta && !isDirectory(entry)) index.add(toEntry(entry, contents));
  }
  headers.end();
  return index;
}

/** node-tar's parser, asked for one header after the other. */
class HeaderReader {
  readonly #parser = new Parser({ strict: true, maxMetaEntrySize: MAX_EXTENDED_HEADER_BYTES });
  #begun: ReadEntry | null = null;
  #failure: Error | null = null;
  #hasEntries = false;
  hasEnded = false;

  constructor() {
    const begin = (entry: ReadEntry): void => {
      this.#begun = entry;
      // It is given zeros, and nobody wants them.
      entry.resume();
    };
    this.#parser.on("entry", begin);
    this.#parser.on("ignoredEntry", begin);
    this.#parser.on("eof", () => {
      this.hasEnded = true;
    });
    this.#parser.on("error", (error: Error) => {
      this.#failure ??= error;
    });
  }

  /** The entry that begins behind this block; null where the block is part of an extended header, or none. */
  read(block: Buffer): ReadEntry | null {
    // The parser would begin to decompress, in its own time.
    if (!this.#hasEntries && formatOf(block) !== null) throw notATar(null);
    this.#begun = null;
    this.#write(block);
    this.#hasEntries ||= this.#begun !== null;
    return this.#begun;
  }

  skip(sizeBytes: number): void {
    for (let left = sizeBytes; left > 0; left -= ZEROS.length)
      this.#write(ZEROS.subarray(0, Math.min(left, ZEROS.length)));
  }

  end(): void {
    this.#parser.end();
    this.#throwFailure();
  }

  #write(bytes: Buffer): void {
    this.#parser.write(bytes);
    this.#throwFailure();
  }

  #throwFailure(): void {
    if (this.#failure === null) return;
    if (!this.#hasEntries) throw notATar(this.#failure);
    throw archiveError("CORRUPT_ARCHIVE", this.#failure.message, this.#failure);
  }
}

function tooManyHeaders(): ImgstoreError {
  return archiveError("LIMIT_EXCEEDED", `its headers have more than ${MAX_HEADER_BYTES} bytes`, null);
}

function notATar(cause: Error | null): ImgstoreError {
  return archiveError("NOT_A_TAR", "it is not a tar", cause);
}

function archiveError(code: ErrorCode, problem: string, cause: Error | null): ImgstoreError {
  return new ImgstoreError(code, `cannot read the archive of images: ${problem}`, {
    hint: "give what `docker save`, `podman save` or `skopeo copy` has written, whole",
    ...(cause === null ? {} : { cause }),
  });
}

function isDirectory({ type }: ReadEntry): boolean {
  return type === "Directory" || type === "GNUDumpDir";
}

const KINDS: Readonly<Record<string, ArchiveEntry["kind"]>> = {
  File: "file",
  OldFile: "file",
  ContiguousFile: "file",
  SymbolicLink: "symlink",
  Link: "hardlink",
};

function toEntry({ path, type, linkpath = "" }: ReadEntry, range: ArchiveEntry["range"]): ArchiveEntry {
  return { path, kind: KINDS[type] ?? "other", target: linkpath, range };
}
