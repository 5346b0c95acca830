import type { Budget } from "./budget.ts";
import { copyOf, hasNul } from "./bytes.ts";
import type { Extensions } from "./entry.ts";
import { BLOCK_BYTES } from "./header.ts";
import { mergePax, NO_OVERRIDES, parseGlobalPax, parsePax } from "./pax.ts";
import { type Place, refusal } from "./refusal.ts";
import { sizeOfXattrs } from "./xattrs.ts";

const GLOBAL_PAX = "g";
const LONG_NAME = "L";
const LONG_LINK = "K";
/** `X` is Solaris's name of `x`. */
const TYPES: ReadonlySet<string> = new Set(["x", "X", GLOBAL_PAX, LONG_NAME, LONG_LINK]);
const NO_EXTENSIONS: Extensions = { pax: NO_OVERRIDES, longName: null, longLink: null };

export function isExtendedHeader(type: string): boolean {
  return TYPES.has(type);
}

/**
 * Before the body of an extended header is read, and held in memory.
 * @throws {ImgstoreError} LIMIT_EXCEEDED
 */
export function takeExtendedHeader(type: string, sizeBytes: number, place: Place, budget: Budget): void {
  if (type === LONG_NAME || type === LONG_LINK) budget.checkPath(Math.max(0, sizeBytes - 1), place);
  budget.checkExtendedHeader(sizeBytes, place);
  budget.takeMetadata(BLOCK_BYTES + sizeBytes, place);
}

/** Keeps what extended headers say until the entry comes that they are about. */
export class ExtendedHeaders {
  readonly #budget: Budget;
  #global = NO_OVERRIDES;
  #pending: Extensions = NO_EXTENSIONS;

  constructor(budget: Budget) {
    this.#budget = budget;
  }

  /** Whether an entry must follow. */
  get isPending(): boolean {
    return this.#pending !== NO_EXTENSIONS;
  }

  /**
   * Takes a whole one.
   * @throws {ImgstoreError} CORRUPT_ARCHIVE for a malformed one, or a second one of its kind for one entry; LIMIT_EXCEEDED
   */
  take(type: string, body: Uint8Array, place: Place): void {
    const pending = this.#pending;
    if (type === GLOBAL_PAX) {
      this.#global = mergePax(this.#global, parseGlobalPax(body, place));
      // what is for all entries is held for good, and more of it may come
      this.#budget.checkXattrs(sizeOfXattrs(this.#global.xattrs), place);
    } else if (type === LONG_NAME) {
      once(pending.longName === null, place);
      this.#pending = { ...pending, longName: longText(body, place) };
    } else if (type === LONG_LINK) {
      once(pending.longLink === null, place);
      this.#pending = { ...pending, longLink: longText(body, place) };
    } else {
      once(pending.pax === NO_OVERRIDES, place);
      this.#pending = { ...pending, pax: parsePax(body, place) };
    }
  }

  /** What is to be laid over the next entry's header; it is over then. */
  release(): Extensions {
    const { pax, longName, longLink } = this.#pending;
    this.#pending = NO_EXTENSIONS;
    return { pax: mergePax(this.#global, pax), longName, longLink };
  }
}

function once(isFirst: boolean, place: Place): void {
  if (!isFirst) throw refusal("CORRUPT_ARCHIVE", place, "an entry has two extended headers of one kind");
}

/** The text of a GNU long name, which ends with NULs. */
function longText(body: Uint8Array, place: Place): Uint8Array {
  let end = body.length;
  while (end > 0 && body[end - 1] === 0) end--;
  const text = copyOf(body, 0, end);
  if (!hasNul(text)) return text;
  throw refusal("CORRUPT_ARCHIVE", place, "a long name contains a NUL");
}
