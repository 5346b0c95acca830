import { gzipSync } from "node:zlib";
import { EXPANSION_FLOOR_BYTES } from "../../../core/archive/budget.ts";
import { type ArchiveLimits, LIMIT_SETTINGS } from "../../../core/limits.ts";
import { archive, directory, entry, gnuLong, hardlink, header, pax, symlink } from "../../support/archive-builder.ts";
import { COMPRESSIONS, compressed } from "../../support/compressed.ts";
import { each, type HostileCase, type HostileCases, refusedWhole } from "../../support/hostile/hostile-case.ts";

/** @param most null: what the limit is by itself */
function beyond(
  limit: keyof ArchiveLimits,
  most: number | null,
  what: string,
  bytes: HostileCase["archive"],
): HostileCase {
  const setting = LIMIT_SETTINGS[limit];
  return {
    name: `${setting}: ${what}`,
    archive: bytes,
    limits: most === null ? {} : { [limit]: most },
    outcome: refusedWhole("LIMIT_EXCEEDED", setting),
  };
}

/** So many entries, each made of its number. */
function many(count: number, toPiece: (index: number) => Uint8Array): Uint8Array {
  return archive(...Array.from({ length: count }, (_, index) => toPiece(index)));
}

/** More than what may be unpacked of anything. */
const ZEROS = Buffer.alloc(EXPANSION_FLOOR_BYTES + 2 ** 20);
const BOMB = (): Uint8Array => archive(entry({ name: "a" }, ZEROS));
const NOTHING = gzipSync("");
const ONE_FILE = archive(entry({ name: "a" }, "x"));
const LONG = "n".repeat(60);
const global = (key: string, bytes: number): Uint8Array =>
  pax({ [`SCHILY.xattr.user.${key}`]: "x".repeat(bytes) }, { type: "g" });
const holes = (bytes: number): Uint8Array =>
  archive(pax({ "GNU.sparse.map": "0,1", "GNU.sparse.size": `${bytes}` }), entry({}, "x"));

/** Archives that ask for more than they may: an error that names the setting, before the machine is asked for it. */
export const limits: HostileCases = () => [
  beyond("maxImageBytes", 4000, "stored bytes", archive(entry({ name: "a" }, "x".repeat(5000)))),
  ...contents,
  ...expansion,
  ...entries,
  ...pathsAndDepth,
  ...metadata,
  beyond("maxUnpackS", 0.000_001, "making a tree", archive(entry({ name: "a" }, "x"))),
  beyond(
    "maxUnpackS",
    0.000_001,
    "decoding what yields nothing",
    Buffer.concat(Array.from({ length: 2000 }, () => NOTHING)),
  ),
];

const contents: readonly HostileCase[] = [
  beyond("maxUnpackedBytes", 10, "contents", archive(entry({ name: "a" }, "xxxxx"), entry({ name: "b" }, "xxxxxx"))),
  beyond("maxUnpackedBytes", null, "a size that is only claimed", archive(header({ name: "a", size: 2 ** 40 }))),
  beyond("maxUnpackedBytes", null, "a size near the end of what is exact", archive(header({ size: 2 ** 53 - 1 }))),
  beyond("maxUnpackedBytes", null, "holes", holes(2 ** 45)),
  beyond("maxUnpackedBytes", 50_000, "bytes after the end", Buffer.concat([ONE_FILE, Buffer.alloc(100_000)])),
  ...each(COMPRESSIONS, (format) =>
    beyond("maxUnpackedBytes", 2 ** 20, `a bomb of ${format}`, () => compressed(format, BOMB(), ["-1"])),
  ),
];

const expansion: readonly HostileCase[] = [
  ...each(COMPRESSIONS, (format) =>
    beyond("maxExpansion", 20, `a bomb of ${format}`, () => compressed(format, BOMB(), ["-1"])),
  ),
  beyond("maxExpansion", 20, "bytes after the end", () => gzipSync(Buffer.concat([ONE_FILE, ZEROS]), { level: 1 })),
  beyond("maxExpansion", null, "holes", holes(2 ** 30)),
  beyond("maxExpansion", 20, "extended headers", () =>
    gzipSync(many(80, () => pax({ comment: "c".repeat(2 ** 20) }, { type: "g" }))),
  ),
];

const entries: readonly HostileCase[] = [
  beyond(
    "maxEntries",
    10,
    "entries",
    many(11, (index) => entry({ name: `f${index}` })),
  ),
  beyond(
    "maxEntries",
    10,
    "one name again and again",
    many(11, () => directory("d")),
  ),
  beyond(
    "maxEntries",
    10,
    "whiteouts",
    many(11, () => entry({ name: ".wh.x" })),
  ),
  beyond(
    "maxEntries",
    10,
    "what is left out",
    many(11, () => entry({ name: ".wh..wh.aufs" })),
  ),
  beyond("maxEntries", 10, "directories that are implied", archive(entry({ name: "a/b/c/d/e/f/g/h/i/j/k" }))),
];

const pathsAndDepth: readonly HostileCase[] = [
  beyond("maxPathBytes", 60, "a name", archive(entry({ name: `${LONG}/x` }))),
  beyond("maxPathBytes", 60, "a link's target", archive(symlink("s", `${LONG}/x`))),
  beyond("maxPathBytes", 60, "a hard link's target", archive(hardlink("h", `${LONG}/x`))),
  beyond("maxPathBytes", null, "a PAX path of 4096 bytes", archive(pax({ path: "a/".repeat(2048) }), entry({}))),
  beyond("maxPathBytes", null, "a GNU long name", archive(gnuLong("L", "a/".repeat(3000)), entry({}))),
  beyond("maxPathBytes", null, "a GNU long name that is only claimed", archive(header({ type: "L", size: 2 ** 33 }))),
  beyond("maxDepth", 4, "components", archive(directory("a/a/a/a/a"))),
  beyond("maxDepth", 4, "components of a hard link's target", archive(hardlink("h", "a/a/a/a/a"))),
  beyond("maxDepth", null, "257 components", archive(pax({ path: "a/".repeat(257) }), directory("x"))),
];

const LONG_SPARSE_MAP = [
  pax({ "GNU.sparse.major": "1", "GNU.sparse.minor": "0", "GNU.sparse.realsize": "500" }),
  entry({ name: "s" }, `1000\n${"1\n0\n".repeat(2000)}`),
];

const metadata: readonly HostileCase[] = [
  beyond("maxXattrBytes", 100, "one entry's", archive(pax({ "SCHILY.xattr.user.a": "x".repeat(100) }), entry({}))),
  beyond("maxXattrBytes", 50, "a list's", archive(pax({ "SCHILY.acl.access": "u::rwx,g::rwx,o::rwx" }), entry({}))),
  beyond("maxXattrBytes", 100, "of global headers together", archive(global("a", 60), global("b", 60), entry({}))),
  ...each(["x", "g", "X"], (type) =>
    beyond("maxXattrBytes", null, `a header that is only claimed (${type})`, archive(header({ type, size: 2 ** 33 }))),
  ),
  beyond(
    "maxMetadataBytes",
    2500,
    "extended headers",
    many(5, (index) => Buffer.concat([pax({ mtime: `${index}` }), header({})])),
  ),
  beyond(
    "maxMetadataBytes",
    2500,
    "global headers without an entry",
    many(5, () => pax({ comment: "x" }, { type: "g" })),
  ),
  beyond(
    "maxMetadataBytes",
    4096,
    "labels without an entry",
    many(9, () => header({ type: "V", magic: "gnu" })),
  ),
  beyond(
    "maxMetadataBytes",
    250,
    "names",
    many(5, () => header({ name: LONG })),
  ),
  beyond(
    "maxMetadataBytes",
    250,
    "targets",
    many(5, () => symlink("s", LONG)),
  ),
  beyond(
    "maxMetadataBytes",
    10_000,
    "a global header's attributes, once for every entry that gets them",
    archive(global("a", 2000), ...Array.from({ length: 5 }, (_, index) => directory(`d${index}`))),
  ),
  beyond("maxMetadataBytes", 4000, "a sparse map in blocks", archive(...LONG_SPARSE_MAP)),
];
