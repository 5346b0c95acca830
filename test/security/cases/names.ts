import { archive, directory, entry, gnuLong, pax, symlink } from "../../support/archive-builder.ts";
import { accepted, each, type HostileCases, refused } from "../../support/hostile/hostile-case.ts";

const latin1 = (text: string): Buffer => Buffer.from(text, "latin1");

/** Names that are not text, or text that does something where it is shown. */
export const names: HostileCases = () => [
  {
    name: "bytes that are no UTF-8 survive, from a header, PAX, GNU and a prefix",
    archive: archive(
      entry({ name: latin1("caf\xe9\xff") }, "1"),
      pax({ path: latin1("d/\xfe\xc3(") }, {}),
      entry({}, "2"),
      gnuLong("L", latin1("d/\x80\xbf")),
      entry({}, "3"),
      entry({ prefix: latin1("\xed\xa0\x80"), name: latin1("\xc0\xaf") }, "4"),
    ),
    outcome: accepted({
      "caf\xe9\xff": 'file 644 "1"',
      d: "dir 755",
      "d/\xfe\xc3(": 'file 644 "2"',
      "d/\x80\xbf": 'file 644 "3"',
      "\xed\xa0\x80": "dir 755",
      "\xed\xa0\x80/\xc0\xaf": 'file 644 "4"',
    }),
  },
  {
    name: "two names that look the same are two",
    archive: archive(entry({ name: "\u00e9" }, "1"), entry({ name: "e\u0301" }, "2"), entry({ name: "E\u0301" }, "3")),
    outcome: accepted({ "\xc3\xa9": 'file 644 "1"', "e\xcc\x81": 'file 644 "2"', "E\xcc\x81": 'file 644 "3"' }),
  },
  {
    name: "overlong UTF-8 of .. and / is none",
    archive: archive(entry({ name: latin1("\xc0\xae\xc0\xae\xc0\xafx") }, "1")),
    outcome: accepted({ "\xc0\xae\xc0\xae\xc0\xafx": 'file 644 "1"' }),
  },
  {
    name: "newlines, control characters and escape sequences are kept",
    archive: archive(
      entry({ name: "a\nb" }, "1"),
      entry({ name: "\u001b[2J" }, "2"),
      entry({ name: "\u0001\r\u007f" }, "3"),
    ),
    outcome: accepted({ "a\nb": 'file 644 "1"', "\u001b[2J": 'file 644 "2"', "\u0001\r\u007f": 'file 644 "3"' }),
  },
  {
    name: "escape sequences and newlines of a refused name do not reach a terminal",
    archive: archive(entry({ name: "\u001b[2J\n../x" }, "owned"), entry({ name: "../\u001b[31m\nok" }, "owned")),
    outcome: refused("UNSAFE_ARCHIVE", String.raw`../\u001b[31m\nok`, 1024, ".."),
  },
  {
    name: "characters that turn the direction of text do not reach a terminal",
    archive: archive(entry({ name: "../\u202egnp.exe" }, "owned")),
    outcome: refused("UNSAFE_ARCHIVE", String.raw`../\u202egnp.exe`, 0, ".."),
  },
  {
    name: "no UTF-8 in a refused name is shown as bytes",
    archive: archive(entry({ name: latin1("../\xff\x9b2J") }, "owned")),
    outcome: refused("UNSAFE_ARCHIVE", String.raw`../\xff\x9b2J`, 0, ".."),
  },
  {
    name: "backslashes and drive letters mean nothing",
    archive: archive(entry({ name: "..\\..\\x" }, "1"), entry({ name: "C:\\x" }, "2")),
    outcome: accepted({ "..\\..\\x": 'file 644 "1"', "C:\\x": 'file 644 "2"' }),
  },
  {
    name: "three dots and names that begin with dots are names",
    archive: archive(entry({ name: "..." }, "1"), entry({ name: "..a/.b" }, "2"), entry({ name: ". ./x" }, "3")),
    outcome: accepted({
      "...": 'file 644 "1"',
      "..a": "dir 755",
      "..a/.b": 'file 644 "2"',
      ". .": "dir 755",
      ". ./x": 'file 644 "3"',
    }),
  },
  {
    name: "a component of 255 bytes, the longest",
    archive: archive(pax({ path: "n".repeat(255) }), entry({}, "x")),
    outcome: accepted({ ["n".repeat(255)]: 'file 644 "x"' }),
  },
  ...each([entry({}), directory("d"), symlink("s", "t")], (piece) => ({
    name: `a component of 256 bytes (type ${String.fromCharCode(piece[156] ?? 0)})`,
    archive: archive(pax({ path: `d/${"n".repeat(256)}` }), piece),
    outcome: refused(
      "UNSAFE_ARCHIVE",
      `d/${"n".repeat(198)}…`,
      1024,
      "a component of its name is longer than 255 bytes",
    ),
  })),
  {
    name: "a component of 256 bytes in the middle of a hard link's target",
    archive: archive(pax({ linkpath: `${"n".repeat(256)}/x` }), entry({ name: "h", type: "1" })),
    outcome: refused("UNSAFE_ARCHIVE", "h", 1024, "a component of its name is longer than 255 bytes"),
  },
  {
    name: "a path of 4095 bytes, the longest, is made and found again",
    archive: archive(
      pax({ path: LONGEST }),
      entry({}, "x"),
      pax({ path: "h", linkpath: LONGEST }),
      entry({ type: "1" }),
      pax({ path: LONGEST }),
      entry({}, "y"),
    ),
    outcome: accepted({ ...directoriesOf(LONGEST), [LONGEST]: 'file 644 "y"', h: 'file 644 "x"' }),
  },
  {
    name: "a target of 4095 bytes, the longest",
    archive: archive(pax({ linkpath: LONGEST }), symlink("s", "t")),
    outcome: accepted({ s: `link "${LONGEST}"` }),
  },
  {
    name: "directories 256 deep, the deepest",
    archive: archive(pax({ path: DEEPEST, mtime: "7" }), directory("x")),
    outcome: accepted({ ...directoriesOf(DEEPEST), [DEEPEST]: "dir 755 at 7" }),
  },
  {
    name: "a sparse, a PAX and a header's name: the sparse one counts, whatever the others try",
    archive: archive(
      pax({ path: "/etc/passwd", "GNU.sparse.name": "real", "GNU.sparse.size": "1", "GNU.sparse.map": "0,1" }),
      entry({ name: "../x" }, "x"),
    ),
    outcome: accepted({ real: 'file 644 "x"' }),
  },
];

const LONGEST = `${`${"d".repeat(254)}/`.repeat(16)}${"f".repeat(15)}`;
const DEEPEST = Array.from({ length: 256 }, () => "d").join("/");

function directoriesOf(path: string): Record<string, string> {
  const components = path.split("/").slice(0, -1);
  return Object.fromEntries(components.map((_, index) => [components.slice(0, index + 1).join("/"), "dir 755"]));
}
