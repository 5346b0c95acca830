import { areEqual } from "./bytes.ts";
import { FIELDS, hasDeviceFields, nameOf, numberField, sizeField, textField, typeOf } from "./header.ts";
import type { Time } from "./numbers.ts";
import type { PaxOverrides } from "./pax.ts";
import { type Place, refusal } from "./refusal.ts";

export type EntryKind = "file" | "hardlink" | "symlink" | "character-device" | "block-device" | "directory" | "fifo";

/** One member of an archive, as the archive has it: nothing of it is trusted yet. */
export interface Entry extends Place {
  readonly kind: EntryKind;
  readonly path: Uint8Array;
  /** Of hard and symbolic links; empty otherwise. */
  readonly link: Uint8Array;
  /** Permission and special bits, 0 to 0o7777. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly mtime: Time;
  readonly major: number;
  readonly minor: number;
  /** Of the file as it is unpacked, holes and all; 0 for what is no file. */
  readonly sizeBytes: number;
  readonly isSparse: boolean;
  /** By name, one character a byte. */
  readonly xattrs: ReadonlyMap<string, Uint8Array>;
}

/** What the headers before an entry's own say about it. */
export interface Extensions {
  readonly pax: PaxOverrides;
  readonly longName: Uint8Array | null;
  readonly longLink: Uint8Array | null;
}

const KINDS: ReadonlyMap<string, EntryKind> = new Map([
  ["0", "file"],
  ["\0", "file"],
  ["7", "file"],
  ["S", "file"],
  ["1", "hardlink"],
  ["2", "symlink"],
  ["3", "character-device"],
  ["4", "block-device"],
  ["5", "directory"],
  ["6", "fifo"],
]);

/** Ids are 32 bits, and the last one means "leave as it is" to the kernel. */
const MAX_ID = 2 ** 32 - 2;
const SLASH = 0x2f;

/**
 * The entry of a header block, with what came before it laid over it. The size is of what is stored.
 * @throws {ImgstoreError} CORRUPT_ARCHIVE
 */
export function readEntry(bytes: Uint8Array, at: number, offset: number, extensions: Extensions): Entry {
  const { pax, longName, longLink } = extensions;
  const path = agreed("names", pax.path, longName, { path: pax.path ?? longName, offset }) ?? nameOf(bytes, at);
  const place: Place = { path, offset };
  const kind = kindOf(bytes, at, path, place);
  const isLink = kind === "hardlink" || kind === "symlink";
  const isDevice = kind === "character-device" || kind === "block-device";
  const link = isLink
    ? (agreed("link targets", pax.linkPath, longLink, place) ?? textField(bytes, at, FIELDS.link))
    : NONE;
  if (isDevice && !hasDeviceFields(bytes, at)) throw refusal("CORRUPT_ARCHIVE", place, "a device without a number");
  return {
    path,
    offset,
    kind,
    link,
    mode: numberField(bytes, at, FIELDS.mode, place) & 0o7777,
    uid: id("owner", pax.uid ?? numberField(bytes, at, FIELDS.uid, place), place),
    gid: id("group", pax.gid ?? numberField(bytes, at, FIELDS.gid, place), place),
    mtime: pax.mtime ?? { seconds: numberField(bytes, at, FIELDS.mtime, place), nanoseconds: 0 },
    major: isDevice ? numberField(bytes, at, FIELDS.major, place) : 0,
    minor: isDevice ? numberField(bytes, at, FIELDS.minor, place) : 0,
    sizeBytes: kind === "file" ? (pax.sizeBytes ?? sizeField(bytes, at, place)) : 0,
    isSparse: false,
    xattrs: pax.xattrs,
  };
}

const NONE = new Uint8Array(0);

/** Before there was a type for directories, a trailing slash made one; some writers still do it so. */
function kindOf(bytes: Uint8Array, at: number, path: Uint8Array, place: Place): EntryKind {
  const type = typeOf(bytes, at);
  const kind = KINDS.get(type);
  if (kind === undefined)
    throw refusal("CORRUPT_ARCHIVE", place, `entries of type ${JSON.stringify(type)} are unknown`);
  return kind === "file" && path.at(-1) === SLASH ? "directory" : kind;
}

/** PAX and GNU can each give a long name: readers differ on which one counts, and attacks live off that. */
function agreed(
  what: string,
  pax: Uint8Array | undefined,
  gnu: Uint8Array | null,
  place: Place | { path: Uint8Array | null; offset: number },
): Uint8Array | null {
  if (pax === undefined) return gnu;
  if (gnu === null || areEqual(pax, gnu)) return pax;
  throw refusal("CORRUPT_ARCHIVE", place, `its extended headers give two different ${what}`);
}

function id(what: string, value: number, place: Place): number {
  if (value >= 0 && value <= MAX_ID) return value;
  throw refusal("CORRUPT_ARCHIVE", place, `its ${what} ${value} is out of range`);
}
