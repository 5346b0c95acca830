import {
  archive,
  directory,
  entry,
  gnuLong,
  hardlink,
  header,
  pax,
  paxBody,
  paxRecord,
  symlink,
} from "../../support/archive-builder.ts";
import { accepted, each, type HostileCases, refused, refusedWhole } from "../../support/hostile/hostile-case.ts";

const MALFORMED = [
  "5 a=b\n",
  "6 a=b",
  "3 \n",
  "0 a=b\n",
  "7 =abc\n",
  "99999999999999999999 a=b\n",
  "-6 a=b\n",
  "6 abc\n",
  "6 a=b\n\0",
];

const NUMBERS = ["-1", "0x10", " 5", "9007199254740993"];

/** Extended headers: records that are malformed, contradict each other, or are about what they are not before. */
export const extendedHeaders: HostileCases = () => [
  ...each(MALFORMED, (body) => ({
    name: `a malformed PAX record (${JSON.stringify(body)})`,
    archive: archive(paxBody(body), entry({}, "x")),
    outcome: refused("CORRUPT_ARCHIVE", "PaxHeaders/x", 0, "its extended header is malformed"),
  })),
  {
    name: "a malformed PAX record after a sound one",
    archive: archive(paxBody(Buffer.concat([paxRecord("path", "a"), Buffer.from("9 path=")])), entry({}, "x")),
    outcome: refused("CORRUPT_ARCHIVE", "PaxHeaders/x", 0, "its extended header is malformed (9 bytes into it)"),
  },
  ...each(NUMBERS, (size) => ({
    name: `a PAX size that is no number (${size})`,
    archive: archive(pax({ size }), header({ size: 0 })),
    outcome: refused("CORRUPT_ARCHIVE", "PaxHeaders/x", 0, "the size in its extended header is not one"),
  })),
  ...each(["uid", "gid", "mtime"] as const, (key) => ({
    name: `a PAX ${key} that is no number`,
    archive: archive(pax({ [key]: "1x" }), header({ size: 0 })),
    outcome: refused("CORRUPT_ARCHIVE", "PaxHeaders/x", 0, "in its extended header is not one"),
  })),
  {
    name: "a PAX owner out of range",
    archive: archive(pax({ uid: "4294967295" }), header({ name: "a" })),
    outcome: refused("CORRUPT_ARCHIVE", "a", 1024, "its owner 4294967295 is out of range"),
  },
  {
    name: "a NUL within a PAX path",
    archive: archive(pax({ path: "a\0b" }), entry({})),
    outcome: refused("CORRUPT_ARCHIVE", "PaxHeaders/x", 0, "the name in its extended header contains a NUL"),
  },
  {
    name: "a NUL within a PAX link path",
    archive: archive(pax({ linkpath: "a\0b" }), symlink("s", "t")),
    outcome: refused("CORRUPT_ARCHIVE", "PaxHeaders/x", 0, "the link target in its extended header contains a NUL"),
  },
  {
    name: "a NUL within a GNU long name",
    archive: archive(gnuLong("L", "a\0b"), entry({})),
    outcome: refused("CORRUPT_ARCHIVE", "././@LongLink", 0, "a long name contains a NUL"),
  },
  {
    name: "a NUL within a GNU long link target",
    archive: archive(gnuLong("K", "a\0b"), symlink("s", "t")),
    outcome: refused("CORRUPT_ARCHIVE", "././@LongLink", 0, "a long name contains a NUL"),
  },
  {
    name: "a GNU long name of nothing",
    archive: archive(gnuLong("L", ""), entry({ name: "a" })),
    outcome: refused("CORRUPT_ARCHIVE", "", 1024, "its name is empty"),
  },
  ...each(
    [
      ["path", "L"],
      ["linkpath", "K"],
    ] as const,
    ([key, type]) => ({
      name: `a PAX ${key} and a GNU long name that differ`,
      archive: archive(entry({ name: "a" }), gnuLong(type, "one"), pax({ [key]: "two" }), hardlink("h", "a")),
      outcome: refused(
        "CORRUPT_ARCHIVE",
        key === "path" ? "two" : "h",
        2560,
        "its extended headers give two different",
      ),
    }),
  ),
  ...each(["path", "linkpath", "size", "SCHILY.xattr.user.a", "SCHILY.acl.access"], (key) => ({
    name: `one key twice, differently (${key})`,
    archive: archive(paxBody(Buffer.concat([paxRecord(key, "1"), paxRecord(key, "2")])), entry({ name: "a" })),
    outcome: refused("CORRUPT_ARCHIVE", "PaxHeaders/x", 0, `its extended header gives "${key}" twice, differently`),
  })),
  {
    name: "one key twice, a value and its taking back",
    archive: archive(paxBody(Buffer.concat([paxRecord("path", "a"), paxRecord("path", "")])), entry({ name: "b" })),
    outcome: refused("CORRUPT_ARCHIVE", "PaxHeaders/x", 0, 'gives "path" twice'),
  },
  {
    name: "two PAX headers of one entry",
    archive: archive(pax({ path: "a" }), pax({ path: "a" }), entry({}, "x")),
    outcome: refused("CORRUPT_ARCHIVE", "PaxHeaders/x", 1024, "two extended headers of one kind"),
  },
  {
    name: "two PAX headers of one entry, by both of their types",
    archive: archive(pax({ path: "a" }), pax({ path: "b" }, { type: "X" }), entry({}, "x")),
    outcome: refused("CORRUPT_ARCHIVE", "PaxHeaders/x", 1024, "two extended headers of one kind"),
  },
  ...each(["L", "K"] as const, (type) => ({
    name: `two GNU long names of one entry (${type})`,
    archive: archive(gnuLong(type, "a"), gnuLong(type, "a"), entry({}, "x")),
    outcome: refused("CORRUPT_ARCHIVE", "././@LongLink", 1024, "two extended headers of one kind"),
  })),
  ...each([{ path: "a" }, { linkpath: "a" }, { size: "5" }, { "GNU.sparse.size": "5" }], (records) => ({
    name: `a global header that gives every entry one ${Object.keys(records).join("")}`,
    archive: archive(pax(records, { type: "g" }), entry({ name: "b" }, "x")),
    outcome: refused("CORRUPT_ARCHIVE", "PaxHeaders/x", 0, "a global header gives a name, a size or a sparse map"),
  })),
  {
    name: "a global header between an extended one and its entry changes neither",
    archive: archive(
      pax({ path: "a", uid: "1" }),
      pax({ uid: "2", gid: "3" }, { type: "g" }),
      entry({ name: "b" }, "x"),
    ),
    outcome: accepted({ a: 'file 644 "x" of 1:3' }),
  },
  {
    name: "a global header's attributes are everybody's, and an entry's own come before them",
    archive: archive(
      pax({ "SCHILY.xattr.user.a": "all", "SCHILY.xattr.user.b": "all" }, { type: "g" }),
      pax({ "SCHILY.xattr.user.a": "own" }),
      directory("d"),
      entry({ name: "f" }),
    ),
    outcome: accepted({ d: 'dir 755 user.a="own" user.b="all"', f: 'file 644 "" user.a="all" user.b="all"' }),
  },
  ...each(
    [
      ["PAX", pax({ path: "x" })],
      ["GNU", gnuLong("L", "x")],
    ] as const,
    ([kind, piece]) => ({
      name: `an extended header that no entry follows (${kind})`,
      archive: archive(entry({ name: "a" }), piece),
      outcome: refusedWhole("CORRUPT_ARCHIVE", "an extended header that no entry follows"),
    }),
  ),
  {
    name: "an extended header at the end of a cut archive",
    archive: Buffer.concat([entry({ name: "a" }), pax({ path: "x" })]),
    outcome: refusedWhole("CORRUPT_ARCHIVE", "the archive ends in the middle, after 1536 bytes"),
  },
  {
    name: "keys that objects have",
    archive: archive(
      pax({ constructor: "x", ["__proto__"]: "x", toString: "x", hasOwnProperty: "x" }),
      entry({ name: "a" }),
    ),
    outcome: accepted({ a: 'file 644 ""' }),
  },
  {
    name: "an empty extended header",
    archive: archive(paxBody(""), entry({ name: "a" })),
    outcome: accepted({ a: 'file 644 ""' }),
  },
  {
    name: "a PAX path that ends in a slash makes no directory of a file with contents",
    archive: archive(pax({ path: "d/" }), entry({ name: "a" }, "x")),
    outcome: refused("CORRUPT_ARCHIVE", "d/", 1024, "a file whose name ends in a slash"),
  },
];
