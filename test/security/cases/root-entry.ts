import { archive, directory, entry, hardlink, header, pax, symlink } from "../../support/archive-builder.ts";
import { accepted, each, type HostileCases, refused } from "../../support/hostile/hostile-case.ts";

const NOT_A_DIRECTORY = "the root of the tree must be a directory";

/** Entries for the root of the tree itself: what it becomes, everything else lies in. */
export const rootEntry: HostileCases = ({ outside }) => [
  {
    name: "CVE-2021-29136: a root that is a symbolic link to a directory of this machine, and a file in it",
    archive: archive(symlink(".", outside), entry({ name: "secret" }, "owned")),
    outcome: refused("UNSAFE_ARCHIVE", ".", 0, NOT_A_DIRECTORY),
  },
  {
    name: "CVE-2021-29136: by the name /",
    archive: archive(symlink("/", outside), entry({ name: "secret" }, "owned")),
    outcome: refused("UNSAFE_ARCHIVE", "/", 0, NOT_A_DIRECTORY),
  },
  {
    name: "CVE-2021-29136: after the tree is there",
    archive: archive(directory("./"), entry({ name: "a" }, "x"), symlink("./.", outside)),
    outcome: refused("UNSAFE_ARCHIVE", "./.", 1536, NOT_A_DIRECTORY),
  },
  {
    name: "CVE-2021-29136: by a PAX path",
    archive: archive(pax({ path: "./" }), symlink("harmless", outside)),
    outcome: refused("UNSAFE_ARCHIVE", "./", 1024, NOT_A_DIRECTORY),
  },
  {
    name: "a root that is a file",
    archive: archive(entry({ name: "." }, "x")),
    outcome: refused("UNSAFE_ARCHIVE", ".", 0, NOT_A_DIRECTORY),
  },
  {
    name: "a root that is a hard link",
    archive: archive(entry({ name: "a" }, "x"), hardlink(".", "a")),
    outcome: refused("UNSAFE_ARCHIVE", ".", 1024, NOT_A_DIRECTORY),
  },
  {
    name: "a root that is a device",
    archive: archive(header({ name: ".", type: "4", major: 8, minor: 0 })),
    outcome: refused("UNSAFE_ARCHIVE", ".", 0, NOT_A_DIRECTORY),
  },
  {
    name: "a root that is a FIFO",
    archive: archive(header({ name: "./", type: "6" })),
    outcome: refused("UNSAFE_ARCHIVE", "./", 0, NOT_A_DIRECTORY),
  },
  {
    name: "an entry without a name",
    archive: archive(entry({ name: "" }, "x")),
    outcome: refused("CORRUPT_ARCHIVE", "", 0, "its name is empty"),
  },
  ...each(["/", "./", "././/.", "."], (name) => ({
    name: `a directory of nothing but slashes and dots is the root (${name})`,
    archive: archive(directory(name, { mode: 0o2710, uid: 3, gid: 4, mtime: 5 })),
    outcome: accepted({ ".": "dir 2710 of 3:4 at 5" }),
  })),
  {
    name: "a root that only others may not enter is entered by nobody while it is made, and is given away last",
    archive: archive(directory("./", { mode: 0o000, uid: 1000 }), entry({ name: "a" }, "x")),
    outcome: accepted({ ".": "dir 0 of 1000:0", a: 'file 644 "x"' }),
  },
];
