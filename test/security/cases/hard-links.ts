import { archive, directory, entry, gnuLong, hardlink, header, pax, symlink } from "../../support/archive-builder.ts";
import { accepted, each, type HostileCases, refused } from "../../support/hostile/hostile-case.ts";

const NOT_BEFORE = (target: string): string => `"${target}", which it links to, is not before it`;
const NO_FILE = (target: string): string => `"${target}", which it links to, is no file`;

/** Hard links: a second name of what the archive has no business with, or of what it would change by that name. */
export const hardLinks: HostileCases = ({ secret, outside, elsewhere }) => [
  ...each(["/etc/passwd", "/etc/shadow", secret, `${elsewhere}/secret`], (target) => ({
    name: `to a file of this machine (${target.replace(/.*\/imgstore-/, "…/imgstore-").replace(/-[^-/]+\//, "-…/")})`,
    archive: archive(hardlink("mine", target)),
    outcome: refused("UNSAFE_ARCHIVE", "mine", 0, NOT_BEFORE(target.slice(1))),
  })),
  {
    name: "to a file of this machine, by a PAX link path",
    archive: archive(pax({ linkpath: secret }), hardlink("mine", "harmless")),
    outcome: refused("UNSAFE_ARCHIVE", "mine", 1024, NOT_BEFORE(secret.slice(1))),
  },
  {
    name: "to a file of this machine, by a GNU long link target",
    archive: archive(gnuLong("K", secret), hardlink("mine", "harmless")),
    outcome: refused("UNSAFE_ARCHIVE", "mine", 1024, NOT_BEFORE(secret.slice(1))),
  },
  {
    name: "CVE-2026-26960: to a file of this machine through a link to its directory",
    archive: archive(symlink("escape", outside), hardlink("mine", "escape/secret")),
    outcome: refused("UNSAFE_ARCHIVE", "mine", 512, NOT_BEFORE("escape/secret")),
  },
  {
    name: "CVE-2026-26960: through a chain of links and ..",
    archive: archive(symlink("a", "b/.."), symlink("b", outside), hardlink("mine", "a/outside/secret")),
    outcome: refused("UNSAFE_ARCHIVE", "mine", 1024, NOT_BEFORE("a/outside/secret")),
  },
  {
    name: "its own name lies behind a link to a directory of this machine",
    archive: archive(entry({ name: "a" }, "x"), symlink("escape", outside), hardlink("escape/mine", "a")),
    outcome: refused("UNSAFE_ARCHIVE", "escape/mine", 1536, "is no directory"),
  },
  {
    name: "to a symbolic link is one to the link, and a file over it leaves what the link leads to alone",
    archive: archive(
      symlink("link", secret),
      hardlink("mine", "link", { mode: 0o777 }),
      entry({ name: "mine", mode: 0o666 }, "owned"),
    ),
    outcome: accepted({ link: `link "${secret}"`, mine: 'file 666 "owned"' }),
  },
  {
    name: "CVE-2021-32760: to a symbolic link, with a mode for what it leads to",
    archive: archive(symlink("link", secret), hardlink("mine", "link", { mode: 0o4777, uid: 7, mtime: 8 })),
    outcome: accepted({ link: `link "${secret}"`, mine: `link "${secret}" = link` }),
  },
  {
    name: "CVE-2021-32760: the mode of a hard link is applied to what it links to",
    archive: archive(
      entry({ name: "a", mode: 0o600, mtime: 5 }, "x"),
      hardlink("b", "a", { mode: 0o4777, uid: 9, mtime: 6 }),
    ),
    outcome: accepted({ a: 'file 600 "x" at 5', b: 'file 600 "x" at 5 = a' }),
  },
  {
    name: "attributes of a hard link are applied to what it links to",
    archive: archive(
      entry({ name: "a" }, "x"),
      pax({ "SCHILY.xattr.user.planted": "v", "SCHILY.acl.access": "u::rwx,g::rwx,o::rwx", uid: "7" }),
      hardlink("b", "a"),
    ),
    outcome: accepted({ a: 'file 644 "x"', b: 'file 644 "x" = a' }),
  },
  {
    name: "a hard link's contents are written into what it links to",
    archive: archive(entry({ name: "a" }, "x"), hardlink("b", "a"), entry({ name: "b" }, "second")),
    outcome: accepted({ a: 'file 644 "x"', b: 'file 644 "second"' }),
  },
  {
    name: "a hard link with a size does not swallow the entry after it",
    archive: archive(entry({ name: "a" }, "x"), hardlink("b", "a", { size: 512 }), entry({ name: "next" }, "1")),
    outcome: accepted({ a: 'file 644 "x"', b: 'file 644 "x" = a', next: 'file 644 "1"' }),
  },
  {
    name: "to what only comes after it",
    archive: archive(hardlink("b", "a"), entry({ name: "a" }, "x")),
    outcome: refused("UNSAFE_ARCHIVE", "b", 0, NOT_BEFORE("a")),
  },
  {
    name: "to what was there and is replaced by a directory",
    archive: archive(entry({ name: "a" }, "x"), directory("a"), hardlink("b", "a")),
    outcome: refused("UNSAFE_ARCHIVE", "b", 1536, NO_FILE("a")),
  },
  {
    name: "to a directory",
    archive: archive(directory("d"), hardlink("b", "d")),
    outcome: refused("UNSAFE_ARCHIVE", "b", 512, NO_FILE("d")),
  },
  {
    name: "to something in a directory that is not there",
    archive: archive(directory("d"), hardlink("b", "d/none/x")),
    outcome: refused("UNSAFE_ARCHIVE", "b", 512, NOT_BEFORE("d/none/x")),
  },
  {
    name: "to something below a file",
    archive: archive(entry({ name: "a" }, "x"), hardlink("b", "a/x")),
    outcome: refused("UNSAFE_ARCHIVE", "b", 1024, NOT_BEFORE("a/x")),
  },
  ...each([".", "/", "./."], (target) => ({
    name: `to the root (${target})`,
    archive: archive(hardlink("b", target)),
    outcome: refused("UNSAFE_ARCHIVE", "b", 0, "it is a hard link to the root or to a whiteout"),
  })),
  {
    name: "to nothing",
    archive: archive(hardlink("b", "")),
    outcome: refused("CORRUPT_ARCHIVE", "b", 0, "its name is empty"),
  },
  {
    name: "to itself",
    archive: archive(hardlink("a", "a")),
    outcome: refused("UNSAFE_ARCHIVE", "a", 0, NOT_BEFORE("a")),
  },
  {
    name: "to itself, when it is there: it must not make room for itself",
    archive: archive(entry({ name: "a" }, "x"), hardlink("a", "a"), hardlink("./a", "/a")),
    outcome: accepted({ a: 'file 644 "x"' }),
  },
  {
    name: "into the directory whose name it takes",
    archive: archive(directory("d"), entry({ name: "d/x" }, "x"), hardlink("d", "d/x")),
    outcome: refused("UNSAFE_ARCHIVE", "d", 1536, NOT_BEFORE("d/x")),
  },
  {
    name: "to the name of a whiteout",
    archive: archive(entry({ name: ".wh.a" }), hardlink("b", ".wh.a")),
    outcome: refused("UNSAFE_ARCHIVE", "b", 512, "it is a hard link to the root or to a whiteout"),
  },
  {
    name: "to what a whiteout became: another whiteout, in disguise",
    archive: archive(entry({ name: ".wh.a" }), hardlink("b", "a")),
    outcome: refused("UNSAFE_ARCHIVE", "b", 512, NO_FILE("a")),
  },
  {
    name: "to a device is one more name of the device",
    archive: archive(header({ name: "null", type: "3", major: 1, minor: 3, mode: 0o600 }), hardlink("b", "null")),
    outcome: accepted({ b: "char 1:3 600", null: "char 1:3 600 = b" }),
  },
  {
    name: "a thousand names of one file",
    archive: archive(
      entry({ name: "a" }, "x"),
      ...Array.from({ length: 999 }, (_, index) => hardlink(`n${index}`, index === 0 ? "a" : `n${index - 1}`)),
      entry({ name: "a" }, "y"),
      ...Array.from({ length: 998 }, (_, index) => entry({ name: `n${index}` }, "z")),
    ),
    outcome: accepted({
      a: 'file 644 "y"',
      n998: 'file 644 "x"',
      ...Object.fromEntries(Array.from({ length: 998 }, (_, index) => [`n${index}`, 'file 644 "z"'])),
    }),
  },
];
