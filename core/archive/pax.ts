import { ACL_XATTRS, type AclKind, parseAclText } from "./acl-text.ts";
import { decodeBase64 } from "./base64.ts";
import { areEqual, bytesOf, copyOf, hasNul, latin1, shown } from "./bytes.ts";
import { parseDecimal, parseTime, type Time } from "./numbers.ts";
import { type Place, refusal } from "./refusal.ts";

/** What extended headers say about the entry that follows them; it overrides the entry's own header. */
export interface PaxOverrides {
  readonly path?: Uint8Array;
  readonly linkPath?: Uint8Array;
  readonly sizeBytes?: number;
  readonly uid?: number;
  readonly gid?: number;
  readonly mtime?: Time;
  /** By name, one character a byte. */
  readonly xattrs: ReadonlyMap<string, Uint8Array>;
  /** The values of GNU.sparse records by the rest of their keys, in order. */
  readonly sparse: readonly SparseRecord[];
}

export interface SparseRecord {
  readonly key: string;
  readonly value: Uint8Array;
}

export const NO_OVERRIDES: PaxOverrides = { xattrs: new Map(), sparse: [] };

const EQUALS = 0x3d;
const NEWLINE = 0x0a;
const SPACE = 0x20;
const SCHILY_XATTR = "SCHILY.xattr.";
const LIBARCHIVE_XATTR = "LIBARCHIVE.xattr.";
const GNU_SPARSE = "GNU.sparse.";

/**
 * The records of an extended header's body. Unknown keys are passed over, an empty value takes the key back.
 * @throws {ImgstoreError} CORRUPT_ARCHIVE for records that are cut short, malformed, or contradict each other
 * @see POSIX.1-2008, pax, "pax Extended Header"
 */
export function parsePax(body: Uint8Array, place: Place): PaxOverrides {
  const draft: Draft = { xattrs: new Map(), sparse: [], aclTexts: new Map() };
  const seen = new Map<string, Uint8Array>();
  for (let at = 0; at < body.length; ) {
    const { key, value, end } = recordAt(body, at, place);
    if (key.startsWith(GNU_SPARSE)) draft.sparse.push({ key: key.slice(GNU_SPARSE.length), value });
    else takeOnce(key, value, seen, place, draft);
    at = end;
  }
  const { aclTexts, ...overrides } = draft;
  for (const [kind, aclText] of aclTexts) {
    // where an archive has both, the attribute itself says more: who the names were
    const name = ACL_XATTRS[kind];
    if (!draft.xattrs.has(name)) draft.xattrs.set(name, parseAclText(aclText, kind, place));
  }
  return overrides;
}

/**
 * The overrides of a global header, which stand for all entries to come.
 * @throws {ImgstoreError} CORRUPT_ARCHIVE where it gives what can be true of one entry only
 */
export function parseGlobalPax(body: Uint8Array, place: Place): PaxOverrides {
  const overrides = parsePax(body, place);
  const { path, linkPath, sizeBytes, sparse } = overrides;
  if (path === undefined && linkPath === undefined && sizeBytes === undefined && sparse.length === 0) return overrides;
  throw refusal("CORRUPT_ARCHIVE", place, "a global header gives a name, a size or a sparse map to every entry");
}

/** An entry's own overrides over the ones that came before. */
export function mergePax(below: PaxOverrides, above: PaxOverrides): PaxOverrides {
  if (below === NO_OVERRIDES) return above;
  return { ...below, ...above, xattrs: new Map([...below.xattrs, ...above.xattrs]) };
}

type Draft = { -readonly [K in keyof PaxOverrides]: PaxOverrides[K] } & {
  xattrs: Map<string, Uint8Array>;
  sparse: SparseRecord[];
  readonly aclTexts: Map<AclKind, Uint8Array>;
};

function recordAt(body: Uint8Array, at: number, place: Place): { key: string; value: Uint8Array; end: number } {
  const space = body.indexOf(SPACE, at);
  const length = space < 0 ? null : parseDecimal(body.subarray(at, Math.min(space, at + 17)));
  const end = at + (length ?? 0);
  const equals = body.indexOf(EQUALS, space + 1);
  const isWhole = length !== null && end <= body.length && body[end - 1] === NEWLINE;
  if (!isWhole || equals <= space + 1 || equals >= end - 1) {
    throw refusal("CORRUPT_ARCHIVE", place, `its extended header is malformed (${at} bytes into it)`);
  }
  return { key: latin1(body, space + 1, equals), value: copyOf(body, equals + 1, end - 1), end };
}

/** A key that comes twice must say the same: readers differ on which one counts, and attacks live off that. */
function takeOnce(key: string, value: Uint8Array, seen: Map<string, Uint8Array>, place: Place, draft: Draft): void {
  const take = TAKERS.get(key) ?? xattrTaker(key, place);
  if (take === null) return;
  const before = seen.get(key);
  if (before !== undefined && !areEqual(before, value)) {
    throw refusal("CORRUPT_ARCHIVE", place, `its extended header gives "${shown(bytesOf(key))}" twice, differently`);
  }
  seen.set(key, value);
  if (value.length > 0 || key.includes(".xattr.")) take(value, draft, place);
}

type Taker = (value: Uint8Array, draft: Draft, place: Place) => void;

const TAKERS: ReadonlyMap<string, Taker> = new Map<string, Taker>([
  ["path", (value, draft, place) => void (draft.path = text("name", value, place))],
  ["linkpath", (value, draft, place) => void (draft.linkPath = text("link target", value, place))],
  ["size", (value, draft, place) => void (draft.sizeBytes = required("size", parseDecimal(value), place))],
  ["uid", (value, draft, place) => void (draft.uid = required("owner", parseDecimal(value), place))],
  ["gid", (value, draft, place) => void (draft.gid = required("group", parseDecimal(value), place))],
  ["mtime", (value, draft, place) => void (draft.mtime = required("modification time", parseTime(value), place))],
  ["SCHILY.acl.access", (value, draft) => void draft.aclTexts.set("access", value)],
  ["SCHILY.acl.default", (value, draft) => void draft.aclTexts.set("default", value)],
]);

function required<T>(what: string, value: T | null, place: Place): T {
  if (value !== null) return value;
  throw refusal("CORRUPT_ARCHIVE", place, `the ${what} in its extended header is not one`);
}

function text(what: string, value: Uint8Array, place: Place): Uint8Array {
  if (!hasNul(value)) return value;
  throw refusal("CORRUPT_ARCHIVE", place, `the ${what} in its extended header contains a NUL`);
}

function xattrTaker(key: string, place: Place): Taker | null {
  if (key.startsWith(SCHILY_XATTR)) {
    const name = xattrName(unescaped(key.slice(SCHILY_XATTR.length), /%(3D|25)/gi), place);
    return (value, draft) => takeXattr(name, value, draft, place);
  }
  if (key.startsWith(LIBARCHIVE_XATTR)) {
    const name = xattrName(unescaped(key.slice(LIBARCHIVE_XATTR.length), /%([0-9A-F]{2})/gi), place);
    return (value, draft) => {
      takeXattr(
        name,
        required(`attribute "${shown(bytesOf(name))}"`, decodeBase64(latin1(value)), place),
        draft,
        place,
      );
    };
  }
  return null;
}

/** libarchive writes each attribute in both forms. */
function takeXattr(name: string, value: Uint8Array, { xattrs }: Draft, place: Place): void {
  const before = xattrs.get(name);
  if (before === undefined) xattrs.set(name, value);
  else if (!areEqual(before, value)) {
    throw refusal(
      "CORRUPT_ARCHIVE",
      place,
      `its extended header gives the attribute "${shown(bytesOf(name))}" two values`,
    );
  }
}

/** GNU tar escapes "=" and "%" in attribute names, libarchive all that is not plain ASCII. */
function unescaped(name: string, escapes: RegExp): string {
  return name.replaceAll(escapes, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

function xattrName(name: string, place: Place): string {
  if (name.length > 0 && name.length <= 255 && !name.includes("\0")) return name;
  throw refusal("CORRUPT_ARCHIVE", place, "the name of an extended attribute is empty, too long or contains a NUL");
}
