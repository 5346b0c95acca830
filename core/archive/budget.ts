import { ImgstoreError } from "../errors.ts";
import { type ArchiveLimits, LIMIT_SETTINGS } from "../limits.ts";
import { type Place, placed } from "./refusal.ts";

/** Unpacked bytes up to which the expansion does not matter. */
export const EXPANSION_FLOOR_BYTES: number = 64 * 2 ** 20;

/** What an extended header may be beyond the names and attributes that have limits of their own. */
const EXTENDED_HEADER_SLACK_BYTES = 2 ** 20;

/**
 * Counts what an archive asks for against the limits.
 * Every method throws {ImgstoreError} LIMIT_EXCEEDED, naming the setting, before the machine is asked for more.
 */
export class Budget {
  readonly #limits: ArchiveLimits;
  readonly #storedBytes: () => number;
  #entries = 0;
  #contentBytes = 0;
  #trailingBytes = 0;
  #streamBytes = 0;
  #metadataBytes = 0;

  /** @param storedBytes size of the archive as it is stored, compressed or not; of one that arrives, what has arrived */
  constructor(limits: ArchiveLimits, storedBytes: () => number) {
    this.#limits = limits;
    this.#storedBytes = storedBytes;
  }

  /** Bytes of file contents so far; holes count as data. */
  get contentBytes(): number {
    return this.#contentBytes;
  }

  /** Bytes of the plain archive are to be read. */
  takeStream(bytes: number): void {
    if (this.#storedBytes() > this.#limits.maxImageBytes) {
      throw this.#exceeded("maxImageBytes", "the archive is larger", null);
    }
    this.#streamBytes += bytes;
    this.#checkExpansion(null);
  }

  /** Bytes after the end of the archive: nobody asked for them, so they count as contents. */
  takeTrailing(bytes: number): void {
    this.#trailingBytes += bytes;
    this.#checkContent(null);
  }

  takeEntry(place: Place): void {
    this.#entries++;
    if (this.#entries > this.#limits.maxEntries) throw this.#exceeded("maxEntries", "it has more entries", place);
  }

  /** Bytes that say something about entries, or stand between them: an archive can go on with them without an entry. */
  takeMetadata(bytes: number, place: Place): void {
    this.#metadataBytes += bytes;
    if (this.#metadataBytes <= this.#limits.maxMetadataBytes) return;
    throw this.#exceeded("maxMetadataBytes", "its names, attributes and extended headers are larger", place);
  }

  takeContent(bytes: number, place: Place): void {
    this.#contentBytes += bytes;
    this.#checkContent(place);
    this.#checkExpansion(place);
  }

  /** @param workMs time that was spent on the archive, without what was waited for */
  checkTime(workMs: number): void {
    checkUnpackTime(this.#limits, workMs);
  }

  checkPath(bytes: number, place: Place): void {
    if (bytes > this.#limits.maxPathBytes) throw this.#exceeded("maxPathBytes", "a name is longer", place);
  }

  checkDepth(components: number, place: Place): void {
    if (components > this.#limits.maxDepth) throw this.#exceeded("maxDepth", "a name is deeper", place);
  }

  checkXattrs(bytes: number, place: Place): void {
    if (bytes > this.#limits.maxXattrBytes) throw this.#exceeded("maxXattrBytes", "its attributes are larger", place);
  }

  /** An extended header is held in memory: its size is checked before the first byte is. */
  checkExtendedHeader(bytes: number, place: Place): void {
    const most = this.#limits.maxXattrBytes + 2 * this.#limits.maxPathBytes + EXTENDED_HEADER_SLACK_BYTES;
    if (bytes > most) throw this.#exceeded("maxXattrBytes", `an extended header has ${bytes} bytes`, place);
  }

  #checkContent(place: Place | null): void {
    if (this.#contentBytes + this.#trailingBytes > this.#limits.maxUnpackedBytes) {
      throw this.#exceeded("maxUnpackedBytes", "it unpacks to more bytes", place);
    }
  }

  #checkExpansion(place: Place | null): void {
    const bytes = Math.max(this.#streamBytes, this.#contentBytes);
    if (bytes <= EXPANSION_FLOOR_BYTES || bytes <= this.#storedBytes() * this.#limits.maxExpansion) return;
    throw this.#exceeded("maxExpansion", `${this.#storedBytes()} stored bytes unpack to more times as many`, place);
  }

  #exceeded(limit: keyof ArchiveLimits, problem: string, place: Place | null): ImgstoreError {
    return exceeded(this.#limits, limit, problem, place);
  }
}

/**
 * Whether unpacking may go on after so much work; what it waited for is none.
 * @throws {ImgstoreError} LIMIT_EXCEEDED
 */
export function checkUnpackTime(limits: ArchiveLimits, workMs: number): void {
  if (workMs > limits.maxUnpackS * 1000) throw exceeded(limits, "maxUnpackS", "it takes longer", null);
}

function exceeded(
  limits: ArchiveLimits,
  limit: keyof ArchiveLimits,
  problem: string,
  place: Place | null,
): ImgstoreError {
  const subject = place === null ? "the archive" : placed(place);
  const setting = LIMIT_SETTINGS[limit];
  const message = `cannot unpack ${subject}: ${problem} than ${setting} allows (${limits[limit]})`;
  return new ImgstoreError("LIMIT_EXCEEDED", message, { hint: `raise ${setting} if you trust the archive` });
}
