import { archive, directory, entry, gnuLong, hardlink, header, pax, symlink } from "../../support/archive-builder.ts";
import { accepted, each, type HostileCases, refused } from "../../support/hostile/hostile-case.ts";

const DOTTED = [
  "..",
  "../outside/secret",
  "a/../../secret",
  "./../x",
  "/../x",
  "a/..",
  "a/b/../c",
  "a/../",
  "../9.9.0/secret",
];
const DOTS = 'its name contains ".."';

/** Names that lead out of the tree, in every field that a name can come in. */
export const paths: HostileCases = ({ secret, nowhere, elsewhere }) => [
  ...each(DOTTED, (name) => ({
    name: `a directory by .. (${name})`,
    archive: archive(directory("a"), directory(name)),
    outcome: refused("UNSAFE_ARCHIVE", name, 512, DOTS),
  })),
  ...each(["..", "../outside/secret", "a/../../secret"], (name) => ({
    name: `a file by .. (${name})`,
    archive: archive(entry({ name }, "owned")),
    outcome: refused("UNSAFE_ARCHIVE", name, 0, DOTS),
  })),
  {
    name: "a file by .. whose name ends in a slash",
    archive: archive(entry({ name: "../" }, "owned")),
    outcome: refused("CORRUPT_ARCHIVE", "../", 0),
  },
  ...each(["..", "../outside/secret", "a/../b", "/.."], (link) => ({
    name: `a hard link's target by .. (${link}; CVE-2026-24842)`,
    archive: archive(directory("a"), hardlink("mine", link)),
    outcome: refused("UNSAFE_ARCHIVE", "mine", 512, DOTS),
  })),
  {
    name: "a symbolic link by ..",
    archive: archive(symlink("../link", "/")),
    outcome: refused("UNSAFE_ARCHIVE", "../link", 0, DOTS),
  },
  {
    name: "a FIFO by ..",
    archive: archive(header({ name: "../fifo", type: "6" })),
    outcome: refused("UNSAFE_ARCHIVE", "../fifo", 0, DOTS),
  },
  {
    name: "a device by ..",
    archive: archive(header({ name: "../null", type: "3", major: 1, minor: 3 })),
    outcome: refused("UNSAFE_ARCHIVE", "../null", 0, DOTS),
  },
  {
    name: "a whiteout by ..",
    archive: archive(entry({ name: "../outside/.wh.secret" })),
    outcome: refused("UNSAFE_ARCHIVE", "../outside/.wh.secret", 0, DOTS),
  },
  {
    name: "an opaque marker by ..",
    archive: archive(entry({ name: "../outside/.wh..wh..opq" })),
    outcome: refused("UNSAFE_ARCHIVE", "../outside/.wh..wh..opq", 0, DOTS),
  },
  {
    name: ".. in a PAX path",
    archive: archive(pax({ path: "../outside/secret" }), entry({ name: "harmless" }, "owned")),
    outcome: refused("UNSAFE_ARCHIVE", "../outside/secret", 1024, DOTS),
  },
  {
    name: ".. in a PAX link path of a hard link",
    archive: archive(pax({ linkpath: "../outside/secret" }), hardlink("mine", "harmless")),
    outcome: refused("UNSAFE_ARCHIVE", "mine", 1024, DOTS),
  },
  {
    name: ".. in a GNU long name",
    archive: archive(gnuLong("L", "../outside/secret"), entry({ name: "harmless" }, "owned")),
    outcome: refused("UNSAFE_ARCHIVE", "../outside/secret", 1024, DOTS),
  },
  {
    name: ".. in a GNU long link target",
    archive: archive(gnuLong("K", "../outside/secret"), hardlink("mine", "harmless")),
    outcome: refused("UNSAFE_ARCHIVE", "mine", 1024, DOTS),
  },
  {
    name: ".. in a ustar prefix",
    archive: archive(entry({ prefix: "../outside", name: "secret" }, "owned")),
    outcome: refused("UNSAFE_ARCHIVE", "../outside/secret", 0, DOTS),
  },
  {
    name: ".. made by a prefix and a name together",
    archive: archive(entry({ prefix: "a/..", name: "../secret" }, "owned")),
    outcome: refused("UNSAFE_ARCHIVE", "a/../../secret", 0, DOTS),
  },
  {
    name: ".. in GNU.sparse.name",
    archive: archive(
      pax({ "GNU.sparse.name": "../x", "GNU.sparse.size": "1", "GNU.sparse.map": "0,1" }),
      entry({ name: "harmless" }, "x"),
    ),
    outcome: refused("UNSAFE_ARCHIVE", "../x", 1024, DOTS),
  },
  {
    name: "an absolute name is one below the root of the tree",
    archive: archive(entry({ name: "//etc/./x//y" }, "1")),
    outcome: accepted({ etc: "dir 755", "etc/x": "dir 755", "etc/x/y": 'file 644 "1"' }),
  },
  {
    name: "the absolute name of a file of this machine",
    archive: archive(entry({ name: secret, mode: 0o777 }, "owned")),
    outcome: accepted({ ...directoriesOf(secret), [secret.slice(1)]: 'file 777 "owned"' }),
  },
  {
    name: "an absolute name in a PAX path",
    archive: archive(pax({ path: nowhere }), entry({}, "owned")),
    outcome: accepted({ [nowhere.slice(1)]: 'file 644 "owned"' }),
  },
  {
    name: "an absolute name in a GNU long name",
    archive: archive(gnuLong("L", `${elsewhere}/secret`), entry({}, "owned")),
    outcome: accepted({
      ...directoriesOf(`${elsewhere}/secret`),
      [`${elsewhere}/secret`.slice(1)]: 'file 644 "owned"',
    }),
  },
  {
    name: "an absolute name in GNU.sparse.name",
    archive: archive(
      pax({ "GNU.sparse.name": nowhere, "GNU.sparse.size": "3", "GNU.sparse.map": "2,1" }),
      entry({}, "x"),
    ),
    outcome: accepted({ [nowhere.slice(1)]: String.raw`file 644 "\u0000\u0000x"` }),
  },
  {
    name: "a directory of this machine is not emptied by an opaque marker with an absolute name",
    archive: archive(entry({ name: `${elsewhere}/.wh..wh..opq` })),
    outcome: accepted({
      ...directoriesOf(`${elsewhere}/x`),
      [elsewhere.slice(1)]: 'dir 755 trusted.overlay.opaque="y"',
    }),
  },
  {
    name: "a file of this machine is not hidden by a whiteout with an absolute name",
    archive: archive(entry({ name: `${elsewhere}/.wh.secret` })),
    outcome: accepted({ ...directoriesOf(`${elsewhere}/x`), [`${elsewhere.slice(1)}/secret`]: "whiteout" }),
  },
];

/** The directories above an absolute path, as they are made where an archive does not list them. */
function directoriesOf(path: string): Record<string, string> {
  const components = path.split("/").slice(1, -1);
  return Object.fromEntries(components.map((_, index) => [components.slice(0, index + 1).join("/"), "dir 755"]));
}
