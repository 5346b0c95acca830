import { archive, entry, gnuLong, header, pax } from "../../support/archive-builder.ts";
import { accepted, each, type HostileCases, raw, refused, refusedWhole } from "../../support/hostile/hostile-case.ts";

const SOUND = entry({ name: "a" }, "x");

/** Number fields that are none, and what the field is called. */
const NO_NUMBERS: readonly (readonly [field: string, at: number, text: string])[] = [
  ["size", 124, "77777777777x"],
  ["size", 124, "-0000000001\0"],
  ["size", 124, "00000 00010\0"],
  ["size", 124, "00000000008\0"],
  ["size", 124, "1\u00002\u00003\u00004\u00005\u00006\u0000"],
  ["mode", 100, "zzzzzzz\0"],
  ["owner", 108, "12 34 5\0"],
  ["group", 116, "00000+1\0"],
  ["modification time", 136, "0x000000000\0"],
];

/** Header blocks whose fields are not what a reader takes for granted. */
export const headerFields: HostileCases = () => [
  {
    name: "a wrong checksum",
    archive: archive(SOUND, header({ name: "b", checksum: 1 })),
    outcome: refused("CORRUPT_ARCHIVE", null, 1024, "the checksum of its header is wrong"),
  },
  {
    name: "a wrong checksum of an extended header",
    archive: archive(SOUND, pax({ path: "b" }, { checksum: 1 }), SOUND),
    outcome: refused("CORRUPT_ARCHIVE", null, 1024, "the checksum of its header is wrong"),
  },
  {
    name: "a wrong checksum of the first header",
    archive: archive(header({ name: "b", checksum: 1 })),
    outcome: refusedWhole("NOT_A_TAR", "it is not the header of a tar archive"),
  },
  {
    name: "a checksum that is no number",
    archive: archive(SOUND, withChecksum(header({ name: "b" }), "zzzzzz\0 ")),
    outcome: refused("CORRUPT_ARCHIVE", null, 1024, "the checksum of its header is wrong"),
  },
  ...each(NO_NUMBERS, ([field, at, text]) => ({
    name: `a ${field} that is no number (${JSON.stringify(text)})`,
    archive: archive(header({ name: "a", ...raw(at, text) })),
    outcome: refused("CORRUPT_ARCHIVE", "a", 0, `its ${field} is not a number`),
  })),
  ...each(["0", "x", "L", "g", "S"], (type) => ({
    name: `a negative size, in base-256 (type ${type})`,
    archive: archive(header({ type, size: -512, name: "a", magic: "gnu" })),
    outcome: refused("CORRUPT_ARCHIVE", "a", 0, "its size -512 is negative"),
  })),
  ...each(["0", "x"], (type) => ({
    name: `a size beyond what a number holds (type ${type})`,
    archive: archive(header({ type, name: "a", ...raw(124, Buffer.from("8000000080000000000000ff", "hex")) })),
    outcome: refused("CORRUPT_ARCHIVE", "a", 0, "its size is not a number"),
  })),
  {
    name: "a size that only fits a number as a negative one of 64 bits",
    archive: archive(header({ name: "a", ...raw(124, Buffer.from("80000000ffffffffffffffff", "hex")) })),
    outcome: refused("CORRUPT_ARCHIVE", "a", 0, "its size is not a number"),
  },
  ...each([{ uid: -1 }, { uid: 2 ** 32 - 1 }, { uid: 2 ** 40 }], (fields) => ({
    name: `an owner ${fields.uid}, which would leave it as it is or wrap around`,
    archive: archive(header({ name: "a", ...fields })),
    outcome: refused("CORRUPT_ARCHIVE", "a", 0, `its owner ${fields.uid} is out of range`),
  })),
  ...each([{ gid: -2 }, { gid: 2 ** 32 - 1 }], (fields) => ({
    name: `a group ${fields.gid}, which would leave it as it is or wrap around`,
    archive: archive(header({ name: "a", ...fields })),
    outcome: refused("CORRUPT_ARCHIVE", "a", 0, `its group ${fields.gid} is out of range`),
  })),
  {
    name: "mode bits beyond the permissions are nothing that is set",
    archive: archive(entry({ name: "a", mode: 0o7_104_755 }, "x")),
    outcome: accepted({ a: 'file 4755 "x"' }),
  },
  ...each(["M", "N", "D", "A", "\u00ff"], (type) => ({
    name: `an entry of a type that is not known (${JSON.stringify(type)})`,
    archive: archive(header({ type, name: "odd" })),
    outcome: refused("CORRUPT_ARCHIVE", "odd", 0, `entries of type ${JSON.stringify(type)} are unknown`),
  })),
  {
    name: "a file whose name ends in a slash",
    archive: archive(entry({ name: "a/" }, "x")),
    outcome: refused("CORRUPT_ARCHIVE", "a/", 0, "a file whose name ends in a slash"),
  },
  {
    name: "a file whose name ends in a slash, its size from a PAX header",
    archive: archive(pax({ size: "1" }), header({ name: "a/" }), Buffer.alloc(512, "x")),
    outcome: refused("CORRUPT_ARCHIVE", "a/", 1024, "a file whose name ends in a slash"),
  },
  {
    name: "a volume's label with contents, which other readers pass over",
    archive: archive(SOUND, entry({ name: "label", type: "V", magic: "gnu" }, SOUND)),
    outcome: refused("CORRUPT_ARCHIVE", "label", 1024, "a volume's label with contents"),
  },
  {
    name: "a volume's label between an extended header and its entry",
    archive: archive(gnuLong("L", "b"), header({ name: "label", type: "V", magic: "gnu" }), SOUND),
    outcome: refused("CORRUPT_ARCHIVE", "label", 1024, "an extended header of its own"),
  },
  {
    name: "text after the NUL of a name is not part of it",
    archive: archive(header({ name: "a\0/../../etc/passwd" })),
    outcome: accepted({ a: 'file 644 ""' }),
  },
  {
    name: "text after the NUL of a prefix is not part of it",
    archive: archive(header({ name: "a", prefix: "p\0/../.." })),
    outcome: accepted({ p: "dir 755", "p/a": 'file 644 ""' }),
  },
  {
    name: "a name without a NUL ends with its field",
    archive: archive(header({ name: "n".repeat(100), mode: 0o600 })),
    outcome: accepted({ ["n".repeat(100)]: 'file 600 ""' }),
  },
  {
    name: "GNU's own fields are no prefix",
    archive: archive(entry({ name: "a", prefix: "../../etc", magic: "gnu" }, "x")),
    outcome: accepted({ a: 'file 644 "x"' }),
  },
  {
    name: "v7 has no prefix",
    archive: archive(header({ name: "a", magic: "v7", type: "\0", ...raw(345, "../../etc") })),
    outcome: accepted({ a: 'file 644 ""' }),
  },
  {
    name: "no attack: base-256 numbers below zero and beyond 32 bits where they mean something",
    archive: archive(entry({ name: "a", magic: "gnu", uid: 3_000_000_000, gid: 2 ** 32 - 2, mtime: -5 }, "x")),
    outcome: accepted({ a: 'file 644 "x" of 3000000000:4294967294 at -5' }),
  },
];

function withChecksum(block: Uint8Array, text: string): Uint8Array {
  const changed = Buffer.from(block);
  changed.write(text, 148, "latin1");
  return changed;
}
