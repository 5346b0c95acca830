import { archive, directory, entry, header, padded, pax, paxBody, paxRecord } from "../../support/archive-builder.ts";
import {
  accepted,
  type HostileCase,
  type HostileCases,
  refused,
  refusedWhole,
} from "../../support/hostile/hostile-case.ts";

const STORED = "0123456789";

function byMap(name: string, map: string, size: string, says: string): HostileCase {
  const records = { "GNU.sparse.map": map, "GNU.sparse.size": size };
  return {
    name: `format 0.1: a map that ${name}`,
    archive: archive(pax(records), entry({ name: "s" }, STORED)),
    outcome: refused("CORRUPT_ARCHIVE", "s", 1024, says),
  };
}

/** @param records of GNU.sparse, as `key=value key=value` */
function byRecords(name: string, records: string, says: string): HostileCase {
  return {
    name,
    archive: archive(paxBody(bodyOf(records)), entry({ name: "s" }, STORED)),
    outcome: refused("CORRUPT_ARCHIVE", "s", 1024, says),
  };
}

function bodyOf(records: string): Uint8Array {
  const pairs = records.split(" ").map((record) => record.split("="));
  return Buffer.concat(pairs.map(([key, value = ""]) => paxRecord(`GNU.sparse.${key}`, value)));
}

const FORMAT_1 = { "GNU.sparse.major": "1", "GNU.sparse.minor": "0", "GNU.sparse.realsize": "500" };

function inContents(name: string, map: string, says: string): HostileCase {
  return {
    name: `format 1.0: a map that ${name}`,
    archive: archive(pax(FORMAT_1), entry({ name: "s" }, padded(Buffer.from(map)))),
    outcome: refused("CORRUPT_ARCHIVE", "s", 1024, says),
  };
}

/** A stretch of an old GNU map: where it begins and how long it is. */
function stretch(at: number, offset: number, length: number): readonly [number, string] {
  const octal = (value: number): string => `${value.toString(8).padStart(11, "0")}\0`;
  return [at, `${octal(offset)}${octal(length)}`];
}

function old(name: string, rawFields: readonly (readonly [number, string | Uint8Array])[], says: string): HostileCase {
  return {
    name: `old GNU format: ${name}`,
    archive: archive(entry({ name: "s", type: "S", magic: "gnu", raw: rawFields }, STORED)),
    outcome: refused("CORRUPT_ARCHIVE", "s", 0, says),
  };
}

const REAL_SIZE_500: readonly [number, string] = [483, "00000000764\0"];
const OUT_OF_ORDER = "its sparse map overlaps or goes backwards";
const CUT_SHORT = "its sparse map is cut short";
const MALFORMED = "its sparse map is malformed";

/** Maps of sparse files that would write elsewhere, or more, than they say; in every format. */
export const sparseMaps: HostileCases = () => [
  byMap("overlaps", "0,5,3,5", "10", OUT_OF_ORDER),
  byMap("goes backwards", "5,5,0,5", "10", OUT_OF_ORDER),
  byMap("overflows", "9007199254740991,9007199254740991", "10", OUT_OF_ORDER),
  byMap("passes the end of the file", "5,10", "10", "its sparse map passes the end of the file"),
  byMap("has an empty stretch beyond the end", "0,10,99,0", "10", "its sparse map passes the end of the file"),
  byMap("is cut short", "0,10,5", "10", CUT_SHORT),
  byMap("is no number", "0,x", "10", MALFORMED),
  byMap("has an empty number", "0,,10", "10", CUT_SHORT),
  byMap("has a negative number", "-5,10", "10", MALFORMED),
  byMap("does not fit what is stored", "0,5", "10", "its sparse map does not fit what is stored"),
  byMap("has no size", "0,10", "", MALFORMED),
  byMap("has a negative size", "0,10", "-1", MALFORMED),
  byRecords("format 0.1: two maps", "size=10 map=0,10 map=0,9", "two records GNU.sparse.map"),
  byRecords("two sizes", "size=10 size=20 map=0,10", "two records GNU.sparse.size"),
  byRecords("two sizes by two names", "size=10 realsize=20 map=0,10", "it has two sizes"),
  byRecords("two names", "size=10 name=a name=b map=0,10", "two records GNU.sparse.name"),
  byRecords("another number of stretches", "size=10 numblocks=2 map=0,10", "another number of stretches"),
  byRecords("a map and stretches", "size=10 map=0,10 offset=0 numbytes=10", "there twice"),
  byRecords("format 1.0: a map in the records, too", "major=1 minor=0 realsize=10 map=0,10", "there twice"),
  byRecords("format 0.0: lengths before offsets", "size=10 numbytes=10 offset=0", "its sparse map is out of order"),
  byRecords("format 0.0: two offsets", "size=10 offset=0 offset=0", "its sparse map is out of order"),
  byRecords("format 0.0: a last offset alone", "size=10 offset=0 numbytes=10 offset=10", CUT_SHORT),
  byRecords("an unknown format (2.0)", "major=2 minor=0 realsize=5", "its sparse format is unknown"),
  byRecords("an unknown format (1.1)", "major=1 minor=1 realsize=5", "its sparse format is unknown"),
  inContents("begins with no number", "x\n", MALFORMED),
  inContents("has an offset and no length", "1\n0\n", MALFORMED),
  inContents("has a number of 17 digits", `${"9".repeat(17)}\n`, MALFORMED),
  inContents("has a number beyond what is exact", "9999999999999999\n", MALFORMED),
  inContents("has fewer stretches than it says", "2\n0\n5\n", MALFORMED),
  inContents("has an empty line", "1\n\n5\n", MALFORMED),
  inContents("overlaps", "2\n0\n5\n4\n5\n", OUT_OF_ORDER),
  {
    name: "format 1.0: a map that never comes",
    archive: archive(pax(FORMAT_1), entry({ name: "s" })),
    outcome: refused("CORRUPT_ARCHIVE", "s", 1024, "its sparse map"),
  },
  {
    name: "format 1.0: a map longer than the contents",
    archive: archive(pax(FORMAT_1), entry({ name: "s", size: 512 }, Buffer.from(`200\n${"1\n0\n".repeat(300)}`))),
    outcome: refused("CORRUPT_ARCHIVE", "s", 1024, CUT_SHORT),
  },
  {
    name: "a huge number of stretches",
    archive: () => {
      const stretches = Array.from({ length: 2 ** 20 + 100 }, (_, at) => `${at}\n1\n`).join("");
      const sparse = pax({ ...FORMAT_1, "GNU.sparse.realsize": `${2 ** 31}` });
      return archive(sparse, entry({ name: "s" }, `2000000\n${stretches}`));
    },
    outcome: refused("UNSAFE_ARCHIVE", "s", 1024, "its sparse map has more than 1048576 stretches"),
  },
  {
    name: "holes are data to the limits",
    archive: archive(
      pax({ "GNU.sparse.map": "0,1", "GNU.sparse.size": `${2 ** 45}`, "GNU.sparse.name": "s" }),
      entry({}, "x"),
    ),
    outcome: refusedWhole("LIMIT_EXCEEDED", '"s" (at byte 1024', "IMGSTORE_MAX_UNPACKED_BYTES"),
  },
  {
    name: "sparse records of a directory, whose name other readers take",
    archive: archive(pax({ "GNU.sparse.name": "a", "GNU.sparse.size": "0", "GNU.sparse.map": "" }), directory("d")),
    outcome: refused("CORRUPT_ARCHIVE", "d", 1024, "it is a sparse file and something else"),
  },
  {
    name: "sparse records of an old sparse file",
    archive: archive(
      pax({ "GNU.sparse.size": "10", "GNU.sparse.map": "0,10" }),
      entry({ name: "s", type: "S", magic: "gnu", raw: [REAL_SIZE_500, stretch(386, 0, 10)] }, STORED),
    ),
    outcome: refused("CORRUPT_ARCHIVE", "s", 1024, "it is a sparse file and something else"),
  },
  {
    name: "a sparse file whose real name ends in a slash",
    archive: archive(
      pax({ "GNU.sparse.name": "s/", "GNU.sparse.size": "10", "GNU.sparse.map": "0,10" }),
      entry({}, STORED),
    ),
    outcome: refused("CORRUPT_ARCHIVE", "s/", 1024, "a file whose name ends in a slash"),
  },
  old("a map that overlaps", [REAL_SIZE_500, stretch(386, 0, 8), stretch(410, 4, 2)], OUT_OF_ORDER),
  old("a map that passes the end", [REAL_SIZE_500, stretch(386, 495, 10)], "its sparse map passes the end of the file"),
  old("a map that does not fit what is stored", [REAL_SIZE_500, stretch(386, 0, 9)], "does not fit what is stored"),
  old("a map that is no number", [REAL_SIZE_500, [386, "0000000000x\0"]], "its sparse map is not a number"),
  old("a negative length", [REAL_SIZE_500, [386, "00000000000\0"], [398, Buffer.alloc(12, 0xff)]], OUT_OF_ORDER),
  old("a negative real size", [[483, Buffer.alloc(12, 0xff)], stretch(386, 0, 10)], "its real size -1 is negative"),
  {
    name: "old GNU format: an extension that never comes",
    archive: archive(header({ name: "s", type: "S", magic: "gnu", raw: [[482, "\u0001"], REAL_SIZE_500] })).subarray(
      0,
      -512,
    ),
    outcome: refused("CORRUPT_ARCHIVE", "s", 0, "the archive ends in the middle"),
  },
  {
    name: "star's layout of the same type, whose map lies elsewhere",
    archive: archive(entry({ name: "s", type: "S", magic: "star", raw: [REAL_SIZE_500, stretch(386, 0, 10)] }, STORED)),
    outcome: refused("CORRUPT_ARCHIVE", "s", 0, "its sparse format is unknown"),
  },
  {
    name: "no attack: a record that comes twice and says the same",
    archive: archive(paxBody(bodyOf("size=3 size=3 map=2,1")), entry({ name: "s" }, "x")),
    outcome: accepted({ s: String.raw`file 644 "\u0000\u0000x"` }),
  },
];
