import { gzipSync } from "node:zlib";
import * as fc from "fast-check";
import { pax } from "../archive-builder.ts";
import { tarPieces, withField } from "./tar-pieces.ts";

/** A change of an archive's structure; places are taken modulo what there is. */
export type Mutation =
  | { readonly kind: "field"; readonly piece: number; readonly offset: number; readonly bytes: Uint8Array }
  | {
      readonly kind: "pax";
      readonly piece: number;
      readonly key: string;
      readonly value: string;
      readonly type: string;
    }
  | { readonly kind: "move"; readonly from: number; readonly to: number }
  | { readonly kind: "repeat"; readonly piece: number; readonly to: number }
  | { readonly kind: "drop"; readonly piece: number }
  /** Members of another archive. */
  | {
      readonly kind: "splice";
      readonly piece: number;
      readonly other: number;
      readonly from: number;
      readonly count: number;
    }
  | { readonly kind: "byte"; readonly at: number; readonly value: number }
  | { readonly kind: "cut"; readonly at: number };

/**
 * How an archive is made of another one: changed, compressed or not, bits of what is stored flipped, and zeros put behind
 * it or not, so that it is large enough for a thread of its own.
 */
export interface Recipe {
  readonly base: number;
  readonly mutations: readonly Mutation[];
  readonly isCompressed: boolean;
  readonly flippedBits: readonly number[];
  readonly isLarge: boolean;
}

const place = fc.nat({ max: 63 });
const byteAt = fc.nat({ max: 2 ** 20 });

const NUMBERS = [
  "00000000000\0",
  "00000000001\0",
  "00000001000\0",
  "77777777777\0",
  "0000000000x\0",
  " 1 2",
  "\0\0\0\0",
];
const BASE_256 = ["80000000000000000000ffff", "ffffffffffffffffffffffff", "800000007fffffffffffffff", "8000ffff"];
const TYPES = ["0", "1", "2", "3", "4", "5", "6", "7", "S", "L", "K", "x", "g", "X", "V", "M", "N", "\0", "~"];
const NAMES = [
  "a",
  "d/f",
  "d",
  ".",
  "..",
  "../x",
  "/etc/passwd",
  "d/../..",
  ".wh.a",
  "d/.wh..wh..opq",
  "x/",
  "\u00ff\n",
  "l/x",
  "l",
];
const MAGICS = ["ustar\u000000", "ustar  \0", "\0\0\0\0\0\0\0\0"];

const number = fc.oneof(
  fc.constantFrom(...NUMBERS).map((text) => Buffer.from(text, "latin1")),
  fc.constantFrom(...BASE_256).map((hex) => Buffer.from(hex, "hex")),
);
const name = fc.constantFrom(...NAMES).map((text) => Buffer.from(`${text}\0`, "latin1"));
const latin1 = (texts: readonly string[]): fc.Arbitrary<Uint8Array> =>
  fc.constantFrom(...texts).map((text) => Buffer.from(text, "latin1"));

/** Where fields begin, and what may be put there. */
const field = fc.oneof(
  fc.tuple(fc.constantFrom(100, 108, 116, 124, 124, 136, 329, 337, 386, 398, 483), number),
  fc.tuple(fc.constantFrom(0, 157, 345), name),
  fc.tuple(fc.constant(156), latin1(TYPES)),
  fc.tuple(fc.constant(257), latin1(MAGICS)),
  fc.tuple(fc.nat({ max: 511 }), fc.uint8Array({ minLength: 1, maxLength: 8 })),
);

const KEYS = [
  ..."path linkpath size uid gid mtime hdrcharset comment SCHILY.acl.access SCHILY.acl.default".split(" "),
  ..."SCHILY.xattr.user.a SCHILY.xattr.trusted.overlay.opaque SCHILY.xattr.trusted.x LIBARCHIVE.xattr.user.a".split(
    " ",
  ),
  ..."GNU.sparse.size GNU.sparse.realsize GNU.sparse.map GNU.sparse.name GNU.sparse.major GNU.sparse.minor".split(" "),
  ..."GNU.sparse.offset GNU.sparse.numbytes GNU.sparse.numblocks SCHILY.xattr.security.capability".split(" "),
];
const VALUES = [
  ...NAMES,
  ..."0 1 -1 5 512 1024 9007199254740991 99999999999999999999 1.5 -1.000000001 0,1 0,5,3,5 1e3 YWJj".split(" "),
  "",
  "u::rwx,g::r-x,o::---",
  "user::rw-\nuser:5:rwx\ngroup::r--\nmask::rwx\nother::---",
  "u::rwx,u:x:---,g::r-x,m::rwx,o::r--",
  "\0",
  "n".repeat(300),
  "n/".repeat(200),
];

const mutation: fc.Arbitrary<Mutation> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .tuple(place, field)
      .map(([piece, [offset, bytes]]) => ({ kind: "field" as const, piece, offset, bytes })),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("pax" as const),
      piece: place,
      key: fc.constantFrom(...KEYS),
      value: fc.constantFrom(...VALUES),
      type: fc.constantFrom("x", "x", "x", "g"),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("move" as const), from: place, to: place }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("repeat" as const), piece: place, to: place }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("drop" as const), piece: place }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("splice" as const),
      piece: place,
      other: fc.nat(),
      from: place,
      count: fc.integer({ min: 1, max: 6 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("byte" as const), at: byteAt, value: fc.nat({ max: 255 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("cut" as const), at: byteAt }) },
);

/** Ways to change the archives of a list. */
export const recipe: fc.Arbitrary<Recipe> = fc.record({
  base: fc.nat(),
  mutations: fc.array(mutation, { minLength: 1, maxLength: 6 }),
  isCompressed: fc.nat({ max: 4 }).map((dice) => dice === 0),
  isLarge: fc.nat({ max: 4 }).map((dice) => dice === 0),
  flippedBits: fc
    .nat({ max: 4 })
    .chain((dice) => (dice === 0 ? fc.array(fc.nat(), { maxLength: 3 }) : fc.constant<number[]>([]))),
});

/** Zeros behind an archive are part of it, and make it one that a thread of its own unpacks. */
export const ENOUGH_FOR_A_THREAD: Uint8Array = Buffer.alloc(2 ** 21);

/** The archive that a recipe makes of some. */
export function mutated(
  archives: readonly Uint8Array[],
  { base, mutations, isCompressed, flippedBits, isLarge }: Recipe,
): Buffer {
  const plain = mutations.reduce<Uint8Array>((bytes, change) => applied(bytes, change, archives), pick(archives, base));
  const stored = isCompressed ? gzipSync(plain, { level: 1 }) : Buffer.from(plain);
  for (const bit of flippedBits) {
    const at = (bit >> 3) % Math.max(1, stored.length);
    stored[at] = (stored[at] ?? 0) ^ (1 << (bit & 7));
  }
  return isLarge ? Buffer.concat([stored, ENOUGH_FOR_A_THREAD]) : stored;
}

function applied(bytes: Uint8Array, change: Mutation, archives: readonly Uint8Array[]): Uint8Array {
  if (change.kind === "cut") return bytes.subarray(0, change.at % (bytes.length + 1));
  if (change.kind === "byte") {
    const changed = Buffer.from(bytes);
    if (changed.length > 0) changed[change.at % changed.length] = change.value;
    return changed;
  }
  return Buffer.concat(rearranged(tarPieces(bytes), change, archives));
}

type PieceMutation = Exclude<Mutation, { kind: "cut" | "byte" }>;

function rearranged(
  pieces: readonly Uint8Array[],
  change: PieceMutation,
  archives: readonly Uint8Array[],
): Uint8Array[] {
  const result = [...pieces];
  const index = (wanted: number): number => wanted % Math.max(1, pieces.length);
  switch (change.kind) {
    case "field":
      return result.map((piece, at) =>
        at === index(change.piece) ? withField(piece, change.offset, change.bytes) : piece,
      );
    case "pax":
      return result.toSpliced(index(change.piece), 0, pax({ [change.key]: change.value }, { type: change.type }));
    case "move":
      return result
        .toSpliced(index(change.from), 1)
        .toSpliced(index(change.to), 0, ...pieces.slice(index(change.from)).slice(0, 1));
    case "repeat":
      return result.toSpliced(index(change.to), 0, ...pieces.slice(index(change.piece)).slice(0, 1));
    case "drop":
      return result.toSpliced(index(change.piece), 1);
    case "splice": {
      const others = tarPieces(pick(archives, change.other));
      const from = change.from % Math.max(1, others.length);
      return result.toSpliced(index(change.piece), 0, ...others.slice(from, from + change.count));
    }
  }
}

function pick(archives: readonly Uint8Array[], index: number): Uint8Array {
  const archive = archives[index % archives.length];
  if (archive === undefined) throw new Error("there is no archive to begin with");
  return archive;
}
