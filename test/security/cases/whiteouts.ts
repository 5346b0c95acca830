import { archive, directory, entry, hardlink, header, pax, symlink } from "../../support/archive-builder.ts";
import { accepted, each, type HostileCases, refused } from "../../support/hostile/hostile-case.ts";

const OPAQUE = 'dir 755 trusted.overlay.opaque="y"';
const [MADE, MARK, CHILD] = [directory("d"), entry({ name: "d/.wh..wh..opq" }), entry({ name: "d/f" }, "x")];
const [FILE, HIDE] = [entry({ name: "d/f" }, "new"), entry({ name: "d/.wh.f" })];
const [ANEW, GONE] = [directory("d"), entry({ name: ".wh.d" })];

/** Names that mean something to a layer: what they may hide, in every order, and what must not pass for one. */
export const whiteouts: HostileCases = () => [
  {
    name: "become overlayfs's, and are not there by their own names",
    archive: archive(directory("d"), entry({ name: "d/.wh.gone" }), entry({ name: ".wh.too" }, "contents")),
    outcome: accepted({ d: "dir 755", "d/gone": "whiteout", too: "whiteout" }),
  },
  ...each(
    [
      [FILE, HIDE],
      [HIDE, FILE],
    ],
    (pieces) => ({
      name: `do not hide what their own layer has (${pieces[0] === FILE ? "after it" : "before it"})`,
      archive: archive(...pieces),
      outcome: accepted({ d: "dir 755", "d/f": 'file 644 "new"' }),
    }),
  ),
  ...each(
    [
      [ANEW, GONE],
      [GONE, ANEW],
    ],
    (pieces) => ({
      name: `of a directory that is made anew make it opaque (${pieces[0] === ANEW ? "after it" : "before it"})`,
      archive: archive(...pieces),
      outcome: accepted({ d: OPAQUE }),
    }),
  ),
  {
    name: "of a directory that something is put into make it opaque",
    archive: archive(GONE, CHILD),
    outcome: accepted({ d: OPAQUE, "d/f": 'file 644 "x"' }),
  },
  {
    name: "of a directory's parent, after something is put into both",
    archive: archive(entry({ name: "a/b/c" }, "x"), entry({ name: ".wh.a" }), entry({ name: "a/.wh.b" })),
    outcome: accepted({ a: OPAQUE, "a/b": OPAQUE, "a/b/c": 'file 644 "x"' }),
  },
  ...each(
    [
      ["after all", MADE, CHILD, MARK],
      ["before all", MARK, MADE, CHILD],
      ["between", MADE, MARK, CHILD],
    ] as const,
    ([order, ...pieces]) => ({
      name: `opaque markers mark their directory (${order})`,
      archive: archive(...pieces),
      outcome: accepted({ d: OPAQUE, "d/f": 'file 644 "x"' }),
    }),
  ),
  {
    name: "an opaque marker marks a directory that nothing else makes",
    archive: archive(MARK),
    outcome: accepted({ d: OPAQUE }),
  },
  {
    name: "an opaque marker at the top marks the root",
    archive: archive(entry({ name: ".wh..wh..opq" })),
    outcome: accepted({ ".": OPAQUE }),
  },
  {
    name: "an opaque directory that is replaced is no opaque file",
    archive: archive(MADE, MARK, entry({ name: "d" }, "x"), directory("d")),
    outcome: accepted({ d: "dir 755" }),
  },
  ...each([".wh.", ".wh..", ".wh...", "d/.wh.", "d/.wh..", "d/.wh..."], (name) => ({
    name: `of nothing that could be there (${name})`,
    archive: archive(directory("d"), entry({ name })),
    outcome: refused("UNSAFE_ARCHIVE", name, 512, "it is a whiteout of nothing that could be there"),
  })),
  {
    name: "of .., by a PAX path",
    archive: archive(pax({ path: "d/.wh..." }), entry({})),
    outcome: refused("UNSAFE_ARCHIVE", "d/.wh...", 1024, "it is a whiteout of nothing that could be there"),
  },
  {
    name: "as parents",
    archive: archive(entry({ name: ".wh.d/f" }, "x")),
    outcome: refused("UNSAFE_ARCHIVE", ".wh.d/f", 0, "it lies below a whiteout"),
  },
  {
    name: "opaque markers as parents",
    archive: archive(entry({ name: ".wh..wh..opq/f" }, "x")),
    outcome: refused("UNSAFE_ARCHIVE", ".wh..wh..opq/f", 0, "it lies below a whiteout"),
  },
  {
    name: "that are directories",
    archive: archive(directory(".wh.d")),
    outcome: refused("UNSAFE_ARCHIVE", ".wh.d", 0, "it is a whiteout and a directory"),
  },
  {
    name: "that are symbolic links",
    archive: archive(symlink(".wh.d", "/etc")),
    outcome: refused("UNSAFE_ARCHIVE", ".wh.d", 0, "it is a whiteout and a symlink"),
  },
  {
    name: "that are devices",
    archive: archive(header({ name: ".wh.d", type: "3", major: 1, minor: 3 })),
    outcome: refused("UNSAFE_ARCHIVE", ".wh.d", 0, "it is a whiteout and a character-device"),
  },
  {
    name: "below a file, which hides all that was below (umoci writes them so)",
    archive: archive(entry({ name: "a" }, "x"), entry({ name: "a/.wh.b" })),
    outcome: accepted({ a: 'file 644 "x"' }),
  },
  {
    name: "as hard links of one another, as AUFS made them",
    archive: archive(entry({ name: ".wh.a" }), hardlink(".wh.b", ".wh.a")),
    outcome: accepted({ a: "whiteout", b: "whiteout" }),
  },
  {
    name: "AUFS's own files are left out, and nothing can be put below them",
    archive: archive(
      entry({ name: ".wh..wh.aufs" }),
      directory(".wh..wh.plnk"),
      entry({ name: ".wh..wh.plnk/1.2" }, "x"),
      symlink(".wh..wh.orph", "/etc"),
      entry({ name: ".wh..wh.orph/../x" }),
    ),
    outcome: refused("UNSAFE_ARCHIVE", ".wh..wh.orph/../x", 2560, ".."),
  },
  {
    name: "no attack: names that only look like one",
    archive: archive(entry({ name: ".wha" }, "1"), entry({ name: "x.wh.y" }, "2"), entry({ name: ".Wh.z" }, "3")),
    outcome: accepted({ ".wha": 'file 644 "1"', "x.wh.y": 'file 644 "2"', ".Wh.z": 'file 644 "3"' }),
  },
];
