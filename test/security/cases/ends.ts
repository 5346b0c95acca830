import { archive, directory, entry, gnuLong, header, pax } from "../../support/archive-builder.ts";
import { accepted, each, type HostileCases, refused, refusedWhole } from "../../support/hostile/hostile-case.ts";

const SOUND = archive(
  directory("d"),
  pax({ "SCHILY.xattr.user.a": "v" }),
  gnuLong("L", "d/f"),
  entry({ name: "x" }, "x".repeat(1000)),
  pax({ "GNU.sparse.major": "1", "GNU.sparse.minor": "0", "GNU.sparse.realsize": "500" }),
  entry({ name: "s" }, "1\n0\n3\n".padEnd(512, "\0").concat("abc")),
  entry(
    {
      name: "o",
      type: "S",
      magic: "gnu",
      raw: [
        [482, "\u0001"],
        [483, "00000000012\0"],
      ],
    },
    Buffer.alloc(512),
  ),
).subarray(0, -512 - 1024);
/** One within each block, or between it and the next. */
const CUTS = Array.from({ length: SOUND.length / 512 - 1 }, (_, index) => 512 * index + (index % 2 === 0 ? 257 : 512));
const [A, B] = [entry({ name: "a" }, "x"), entry({ name: "b" }, "y")];
const ZEROS = Buffer.alloc(512);

/** Where archives end: too early, twice, or not at all. */
export const ends: HostileCases = () => [
  ...each(
    CUTS.toSorted((a, b) => a - b),
    (end) => ({
      name: `an archive that is cut short after ${end} bytes`,
      archive: SOUND.subarray(0, end),
      outcome:
        end < 512
          ? refusedWhole("NOT_A_TAR")
          : refusedWhole("CORRUPT_ARCHIVE", `the archive ends in the middle, after ${end} bytes`),
    }),
  ),
  {
    name: "a single block of zeros in the middle, behind which other readers look",
    archive: archive(A, ZEROS, B),
    outcome: refused("CORRUPT_ARCHIVE", null, 1536, "it follows a single block of zeros"),
  },
  {
    name: "an archive behind the end of an archive is not unpacked",
    archive: archive(A, ZEROS, ZEROS, B),
    outcome: accepted({ a: 'file 644 "x"' }),
  },
  {
    name: "junk behind the end of an archive",
    archive: Buffer.concat([archive(A), Buffer.alloc(10_000, "junk")]),
    outcome: accepted({ a: 'file 644 "x"' }),
  },
  {
    name: "junk within the second block of zeros",
    archive: Buffer.concat([A, ZEROS, Buffer.alloc(511), Buffer.from("x")]),
    outcome: refused("CORRUPT_ARCHIVE", null, 1536, "it follows a single block of zeros"),
  },
  {
    name: "no block of zeros at all",
    archive: A,
    outcome: refusedWhole("CORRUPT_ARCHIVE", "the archive ends in the middle, after 1024 bytes"),
  },
  {
    name: "no attack: the second block of zeros is missing",
    archive: Buffer.concat([A, ZEROS]),
    outcome: accepted({ a: 'file 644 "x"' }),
  },
  {
    name: "half a block of zeros",
    archive: Buffer.concat([A, ZEROS, Buffer.alloc(100)]),
    outcome: refusedWhole("CORRUPT_ARCHIVE", "the archive ends in the middle"),
  },
  ...each([0, 1, 511, 512, 1024, 10_240], (length) => ({
    name: `nothing but ${length} zeros`,
    archive: Buffer.alloc(length),
    outcome: refusedWhole("EMPTY_ARCHIVE", "there is nothing in it"),
  })),
  {
    name: "nothing but a global header",
    archive: archive(pax({ comment: "x" }, { type: "g" })),
    outcome: refusedWhole("EMPTY_ARCHIVE", "there is nothing in it"),
  },
  {
    name: "nothing but a volume's label",
    archive: archive(header({ name: "label", type: "V", magic: "gnu" })),
    outcome: refusedWhole("EMPTY_ARCHIVE", "there is nothing in it"),
  },
  {
    name: "zeros, then an archive",
    archive: Buffer.concat([ZEROS, ZEROS, archive(A)]),
    outcome: refusedWhole("NOT_A_TAR"),
  },
];
