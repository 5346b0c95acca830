import { archive, directory, entry, gnuLong, hardlink, header, pax, symlink } from "../../support/archive-builder.ts";
import { accepted, each, type HostileCases, refused } from "../../support/hostile/hostile-case.ts";

const BELOW_NOTHING = (path: string): string => `"${path}", below which it lies, is no directory`;

/** Symbolic links that lead out of the tree, and entries that would go through them. */
export const symbolicLinks: HostileCases = ({ secret, outside, elsewhere, nowhere }) => [
  {
    name: "a file written through a link to a directory of this machine",
    archive: archive(symlink("escape", outside), entry({ name: "escape/secret" }, "owned")),
    outcome: refused("UNSAFE_ARCHIVE", "escape/secret", 512, BELOW_NOTHING("escape")),
  },
  {
    name: "a file written through a link to another file system",
    archive: archive(symlink("escape", elsewhere), entry({ name: "escape/new" }, "owned")),
    outcome: refused("UNSAFE_ARCHIVE", "escape/new", 512, BELOW_NOTHING("escape")),
  },
  {
    name: "a directory made through a link, and a file in it",
    archive: archive(symlink("escape", outside), directory("escape/etc"), entry({ name: "escape/etc/x" }, "owned")),
    outcome: refused("UNSAFE_ARCHIVE", "escape/etc", 512, BELOW_NOTHING("escape")),
  },
  {
    name: "a file at the target of a dangling link",
    archive: archive(symlink("escape", nowhere), entry({ name: "escape" }, "owned")),
    outcome: accepted({ escape: 'file 644 "owned"' }),
  },
  {
    name: "CVE-2021-32760: the mode of a link is applied to what it leads to",
    archive: archive(symlink("x", secret, { mode: 0o4777, uid: 5, gid: 6, mtime: 7 })),
    outcome: accepted({ x: `link "${secret}" of 5:6 at 7` }),
  },
  {
    name: "attributes of a link are set on what it leads to",
    archive: archive(
      pax({ "SCHILY.xattr.security.capability": Buffer.from("AQAAAgAgAAAAAAAAAAAAAAAAAAA=", "base64") }),
      symlink("x", `${outside}/etc/deep/program`),
    ),
    outcome: accepted({ x: `link "${outside}/etc/deep/program" security.capability="${CAPABILITY}"` }),
  },
  {
    name: "a link by .. is clamped to the tree's root when it is gone through",
    archive: archive(symlink("up", "../../../../.."), entry({ name: "up/outside/secret" }, "owned")),
    outcome: accepted({ up: 'link "../../../../.."', outside: "dir 755", "outside/secret": 'file 644 "owned"' }),
  },
  {
    name: "a file over a link to a file of this machine replaces the link",
    archive: archive(symlink("x", secret), entry({ name: "x", mode: 0o777 }, "owned")),
    outcome: accepted({ x: 'file 777 "owned"' }),
  },
  {
    name: "a directory over a link to one of this machine replaces the link, and what is below it goes there",
    archive: archive(symlink("d", outside), directory("d", { mode: 0o700 }), entry({ name: "d/secret" }, "owned")),
    outcome: accepted({ d: "dir 700", "d/secret": 'file 644 "owned"' }),
  },
  {
    name: "a directory over a link, by a name that ends in a slash",
    archive: archive(symlink("d", outside), directory("d/", { mode: 0o777 })),
    outcome: accepted({ d: "dir 777" }),
  },
  {
    name: "CVE-2025-47290: a directory that was looked up is swapped for a link before it is used again",
    archive: archive(
      directory("a"),
      directory("a/b"),
      entry({ name: "a/b/1" }, "1"),
      entry({ name: "a" }, "not a directory any more"),
      symlink("a", outside),
      entry({ name: "a/b/2" }, "owned"),
    ),
    outcome: refused("UNSAFE_ARCHIVE", "a/b/2", 3584, BELOW_NOTHING("a")),
  },
  {
    name: "CVE-2025-47290: the last directory is swapped for a link, between two files of it",
    archive: archive(
      directory("d"),
      entry({ name: "d/etc" }, "1"),
      hardlink("d/again", "d/etc"),
      symlink("d", outside),
      entry({ name: "d/passwd" }, "owned"),
    ),
    outcome: refused("UNSAFE_ARCHIVE", "d/passwd", 2560, BELOW_NOTHING("d")),
  },
  {
    name: "a link that was gone through is swapped for one that leads elsewhere",
    archive: archive(
      directory("real"),
      symlink("d", "real"),
      entry({ name: "d/1" }, "1"),
      symlink("d", outside),
      entry({ name: "d/2" }, "owned"),
    ),
    outcome: refused("UNSAFE_ARCHIVE", "d/2", 2560, BELOW_NOTHING("d")),
  },
  {
    name: "a link that was gone through is swapped by a hard link to another link",
    archive: archive(
      directory("real"),
      symlink("d", "real"),
      symlink("out", outside),
      entry({ name: "d/1" }, "1"),
      hardlink("d", "out"),
      entry({ name: "d/2" }, "owned"),
    ),
    outcome: refused("UNSAFE_ARCHIVE", "d/2", 3072, BELOW_NOTHING("d")),
  },
  {
    name: "a directory's time and mode, given last, are not given to the link that replaced it",
    archive: archive(directory("d", { mode: 0o777, mtime: 9, uid: 9 }), symlink("d", outside)),
    outcome: accepted({ d: `link "${outside}"` }),
  },
  {
    name: "a directory's time and mode, given last, are not given through a link that replaced its parent",
    archive: archive(directory("p"), directory("p/etc", { mode: 0o777, mtime: 9, uid: 9 }), symlink("p", outside)),
    outcome: accepted({ p: `link "${outside}"` }),
  },
  {
    name: "a chain of links",
    archive: archive(
      symlink("one", "two"),
      symlink("two", outside),
      symlink("three", "one/.."),
      entry({ name: "three/outside/secret" }, "owned"),
    ),
    outcome: refused("UNSAFE_ARCHIVE", "three/outside/secret", 1536, BELOW_NOTHING("three")),
  },
  {
    name: "a link into a link that goes up",
    archive: archive(directory("d"), symlink("d/up", ".."), symlink("l", "d/up/.."), entry({ name: "l/x" }, "1")),
    outcome: accepted({ d: "dir 755", "d/up": 'link ".."', l: 'link "d/up/.."', x: 'file 644 "1"' }),
  },
  {
    name: "a link to itself",
    archive: archive(symlink("loop", "loop"), entry({ name: "loop/x" }, "owned")),
    outcome: refused("UNSAFE_ARCHIVE", "loop/x", 512, BELOW_NOTHING("loop")),
  },
  {
    name: "two links to each other",
    archive: archive(symlink("a", "b"), symlink("b", "a"), directory("a/d")),
    outcome: refused("UNSAFE_ARCHIVE", "a/d", 1024, BELOW_NOTHING("a")),
  },
  ...each(["/proc/self/root", "/proc/self/cwd", "/proc/1/root", "/proc/self/fd/3"], (magic) => ({
    name: `a magic link of this machine (${magic})`,
    archive: archive(symlink("magic", magic), entry({ name: "magic/etc/x" }, "owned")),
    outcome: refused("UNSAFE_ARCHIVE", "magic/etc/x", 512, BELOW_NOTHING("magic")),
  })),
  {
    name: "more links than the kernel follows",
    archive: archive(
      directory("d"),
      ...Array.from({ length: 50 }, (_, index) => symlink(`l${index}`, index === 0 ? "d" : `l${index - 1}`)),
      entry({ name: "l49/x" }),
    ),
    outcome: refused("UNSAFE_ARCHIVE", "l49/x", 26_112, BELOW_NOTHING("l49")),
  },
  {
    name: "a whiteout through a link",
    archive: archive(symlink("d", outside), entry({ name: "d/.wh.secret" })),
    outcome: accepted({ d: `link "${outside}"` }),
  },
  {
    name: "an opaque marker through a link",
    archive: archive(symlink("d", outside), entry({ name: "d/.wh..wh..opq" })),
    outcome: accepted({ d: `link "${outside}"` }),
  },
  {
    name: "a device made through a link",
    archive: archive(symlink("d", outside), header({ name: "d/null", type: "3", major: 1, minor: 3 })),
    outcome: refused("UNSAFE_ARCHIVE", "d/null", 512, BELOW_NOTHING("d")),
  },
  {
    name: "a link made through a link",
    archive: archive(symlink("d", outside), symlink("d/x", "/")),
    outcome: refused("UNSAFE_ARCHIVE", "d/x", 512, BELOW_NOTHING("d")),
  },
  {
    name: "a target in a PAX link path, against the header's",
    archive: archive(pax({ linkpath: outside }), symlink("d", "harmless"), entry({ name: "d/x" }, "owned")),
    outcome: refused("UNSAFE_ARCHIVE", "d/x", 1536, BELOW_NOTHING("d")),
  },
  {
    name: "a target in a GNU long link, against the header's",
    archive: archive(gnuLong("K", outside), symlink("d", "harmless"), entry({ name: "d/x" }, "owned")),
    outcome: refused("UNSAFE_ARCHIVE", "d/x", 1536, BELOW_NOTHING("d")),
  },
  {
    name: "an empty target",
    archive: archive(symlink("s", "")),
    outcome: refused("CORRUPT_ARCHIVE", "s", 0, "its link target is empty"),
  },
  {
    name: "no attack: links within the tree, absolute ones too, are parents like any other",
    archive: archive(
      directory("usr/lib"),
      symlink("lib", "usr/lib"),
      symlink("abs", "/usr"),
      entry({ name: "lib/a" }, "1"),
      entry({ name: "abs/lib/b" }, "2"),
    ),
    outcome: accepted({
      usr: "dir 755",
      "usr/lib": "dir 755",
      lib: 'link "usr/lib"',
      abs: 'link "/usr"',
      "usr/lib/a": 'file 644 "1"',
      "usr/lib/b": 'file 644 "2"',
    }),
  },
  {
    name: "no attack: targets are kept verbatim, whatever they say",
    archive: archive(symlink("a", "..//../etc/./passwd/"), symlink("b", Buffer.from("caf\xe9\n", "latin1"))),
    outcome: accepted({ a: 'link "..//../etc/./passwd/"', b: String.raw`link "café\n"` }),
  },
];

const CAPABILITY = String.raw`\u0001\u0000\u0000\u0002\u0000 \u0000\u0000\u0000\u0000\u0000\u0000\u0000\u0000\u0000\u0000\u0000\u0000\u0000\u0000`;
