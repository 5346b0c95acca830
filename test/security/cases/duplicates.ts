import { archive, directory, entry, hardlink, header, pax, symlink } from "../../support/archive-builder.ts";
import { accepted, each, type HostileCases, refused } from "../../support/hostile/hostile-case.ts";

/** An entry of each kind, of one name, and what it becomes. */
const KINDS = [
  { kind: "file", piece: entry({ name: "x", mtime: 1 }, "file"), words: 'file 644 "file" at 1' },
  { kind: "symlink", piece: symlink("x", "target", { mtime: 2 }), words: 'link "target" at 2' },
  { kind: "fifo", piece: header({ name: "x", type: "6", mtime: 3 }), words: "fifo 644 at 3" },
  { kind: "device", piece: header({ name: "x", type: "3", major: 1, minor: 3, mtime: 4 }), words: "char 1:3 644 at 4" },
  { kind: "directory", piece: directory("x/", { mtime: 5, uid: 3 }), words: "dir 755 of 3:0 at 5" },
  { kind: "whiteout", piece: entry({ name: ".wh.x" }), words: null },
] as const;

const PAIRS = KINDS.flatMap((first) => KINDS.map((last) => [first, last] as const));

/** Entries of one name: the last one counts, whatever the one before it was, and nothing is gone through. */
export const duplicates: HostileCases = () => [
  ...each(
    PAIRS.filter(([first, last]) => first.words !== null && last.words !== null),
    ([first, last]) => ({
      name: `a ${last.kind} over a ${first.kind}`,
      archive: archive(first.piece, last.piece),
      outcome: accepted({ x: last.words ?? "" }),
    }),
  ),
  ...each(
    KINDS.filter(({ kind }) => kind !== "whiteout" && kind !== "directory"),
    ({ kind, piece, words }) => ({
      name: `a ${kind} over a whiteout of its name, and under one`,
      archive: archive(entry({ name: ".wh.x" }), piece, entry({ name: ".wh.x" })),
      outcome: accepted({ x: words ?? "" }),
    }),
  ),
  {
    name: "a whiteout twice",
    archive: archive(entry({ name: ".wh.x" }), entry({ name: ".wh.x" })),
    outcome: accepted({ x: "whiteout" }),
  },
  {
    name: "a file over a directory with something in it, however deep",
    archive: archive(
      ...Array.from({ length: 100 }, (_, index) => directory(`x/${"d/".repeat(index)}`).subarray(0, 512)).filter(
        (_, index) => index < 48,
      ),
      entry({ name: "x/f" }, "1"),
      entry({ name: "x" }, "2"),
    ),
    outcome: accepted({ x: 'file 644 "2"' }),
  },
  {
    name: "a file over directories deeper than a stack is",
    archive: archive(pax({ path: `x/${"d/".repeat(254)}` }), directory("d"), entry({ name: "x" }, "2")),
    outcome: accepted({ x: 'file 644 "2"' }),
  },
  {
    name: "a directory over a directory keeps what is in it, and the last one's attributes",
    archive: archive(
      pax({ "SCHILY.xattr.user.first": "1" }),
      directory("x", { mode: 0o777 }),
      entry({ name: "x/f" }, "1"),
      directory("x", { mode: 0o711, mtime: 9 }),
    ),
    outcome: accepted({ x: 'dir 711 at 9 user.first="1"', "x/f": 'file 644 "1"' }),
  },
  {
    name: "a directory that was replaced and is made again is another one",
    archive: archive(
      directory("x", { mode: 0o4777, mtime: 1 }),
      entry({ name: "x/f" }, "1"),
      entry({ name: "x" }, "2"),
      entry({ name: "x", type: "5" }, ""),
    ),
    outcome: accepted({ x: "dir 644" }),
  },
  {
    name: "a name that is made a hundred times",
    archive: archive(
      ...Array.from({ length: 100 }, (_, index) =>
        index % 2 === 0 ? entry({ name: "x" }, `${index}`) : directory("x"),
      ),
    ),
    outcome: accepted({ x: "dir 755" }),
  },
  {
    name: "something below a file",
    archive: archive(entry({ name: "f" }, "1"), entry({ name: "f/a/b" }, "2")),
    outcome: refused("UNSAFE_ARCHIVE", "f/a/b", 1024, '"f", below which it lies, is no directory'),
  },
  {
    name: "something below a device",
    archive: archive(header({ name: "f", type: "3", major: 1, minor: 3 }), directory("f/a")),
    outcome: refused("UNSAFE_ARCHIVE", "f/a", 512, '"f", below which it lies, is no directory'),
  },
  {
    name: "one name in two spellings",
    archive: archive(entry({ name: "./a//b" }, "1"), entry({ name: "/a/./b" }, "2"), hardlink("a/c/", "a/b")),
    outcome: accepted({ a: "dir 755", "a/b": 'file 644 "2"', "a/c": 'file 644 "2" = a/b' }),
  },
];
