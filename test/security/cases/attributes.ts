import { archive, directory, entry, header, pax, symlink } from "../../support/archive-builder.ts";
import { accepted, each, type HostileCases, refused } from "../../support/hostile/hostile-case.ts";

const MARKS = ["redirect", "metacopy", "opaque", "origin", "whiteout", "overlay.opaque"];
const PLANTED = [
  ...MARKS.map((mark) => ({ flavour: "trusted.overlay", form: "SCHILY.xattr", mark })),
  { flavour: "trusted.overlay", form: "LIBARCHIVE.xattr", mark: "redirect" },
  { flavour: "user.overlay", form: "SCHILY.xattr", mark: "redirect" },
  { flavour: "user.overlay", form: "LIBARCHIVE.xattr", mark: "opaque" },
];

/** Extended attributes and access control lists: what overlayfs, the kernel or the host would obey. */
export const attributes: HostileCases = () => [
  ...each(PLANTED, ({ flavour, form, mark }) => ({
    name: `${flavour}.${mark} planted by ${form} is escaped, not obeyed`,
    archive: archive(
      pax({ [`${form}.${flavour}.${mark}`]: form === "SCHILY.xattr" ? "/etc" : "L2V0Yw==" }),
      directory("d"),
    ),
    outcome: accepted({ d: `dir 755 ${flavour}.overlay.${mark}="/etc"` }),
  })),
  {
    name: "trusted.overlay.redirect planted by a global header",
    archive: archive(pax({ "SCHILY.xattr.trusted.overlay.redirect": "/etc" }, { type: "g" }), directory("d")),
    outcome: accepted({ d: 'dir 755 trusted.overlay.overlay.redirect="/etc"' }),
  },
  {
    name: "trusted.overlay.opaque planted on the root",
    archive: archive(pax({ "SCHILY.xattr.trusted.overlay.opaque": "y" }), directory("./")),
    outcome: accepted({ ".": 'dir 755 trusted.overlay.overlay.opaque="y"' }),
  },
  {
    name: "trusted.overlay.metacopy planted by an escaped name",
    archive: archive(pax({ "LIBARCHIVE.xattr.trusted%2Eoverlay%2emetacopy": "" }), entry({ name: "f" })),
    outcome: accepted({ f: 'file 644 "" trusted.overlay.overlay.metacopy=""' }),
  },
  {
    name: "user.overlay.whiteout on an empty file, a whiteout to mounts without privileges",
    archive: archive(pax({ "SCHILY.xattr.user.overlay.whiteout": "y" }), entry({ name: "f" })),
    outcome: accepted({ f: 'file 644 "" user.overlay.overlay.whiteout="y"' }),
  },
  ...each(["trusted.other", "trusted.", "trusted.overlay", "trusted.overlayfs.opaque"], (name) => ({
    name: `${name}, for the host's privileged programs`,
    archive: archive(pax({ [`SCHILY.xattr.${name}`]: "x" }), entry({ name: "f" })),
    outcome: refused("UNSAFE_ARCHIVE", "f", 1024, `its attribute "${name}" is for the host's privileged programs`),
  })),
  {
    name: "a name with escape sequences of terminals does not reach one",
    archive: archive(pax({ "SCHILY.xattr.trusted.\u001b[2J\n": "x" }), entry({ name: "f" })),
    outcome: refused("UNSAFE_ARCHIVE", "f", 1024, String.raw`"trusted.\u001b[2J\n"`),
  },
  {
    name: "labels of the host's security modules, and names of other systems, are left out",
    archive: archive(
      pax({
        "SCHILY.xattr.security.selinux": "system_u:object_r:etc_t:s0",
        "RHT.security.selinux": "system_u:object_r:etc_t:s0",
        "SCHILY.xattr.security.SMACK64": "^",
        "SCHILY.xattr.security.SMACK64EXEC": "^",
        "SCHILY.xattr.security.apparmor": "unconfined",
        "SCHILY.xattr.security.evm": "x",
        "SCHILY.xattr.com.apple.provenance": "x",
        "SCHILY.xattr.system.nfs4_acl": "x",
        "SCHILY.xattr.user.kept": "yes",
      }),
      entry({ name: "f" }),
    ),
    outcome: accepted({ f: 'file 644 "" user.kept="yes"' }),
  },
  {
    name: "what a kind of file cannot have is left out",
    archive: archive(
      pax({ "SCHILY.xattr.user.a": "x", "SCHILY.xattr.system.posix_acl_default": "x" }),
      symlink("link", "t"),
      pax({ "SCHILY.xattr.user.a": "x", "SCHILY.acl.default": "u::rwx,g::rwx,o::rwx" }),
      header({ name: "fifo", type: "6" }),
      pax({ "SCHILY.acl.access": "u::rwx,g::---,o::---" }),
      symlink("link2", "t"),
    ),
    outcome: accepted({ link: 'link "t"', fifo: "fifo 644", link2: 'link "t"' }),
  },
  ...each(["security.capability", "system.posix_acl_access"], (name) => ({
    name: `${name} with a value that the kernel refuses`,
    archive: archive(pax({ [`SCHILY.xattr.${name}`]: "\u0002\0\0\0nonsense" }), entry({ name: "f" })),
    outcome: refused("CORRUPT_ARCHIVE", "f", 1024, `its attribute "${name}" has a value that it cannot have`),
  })),
  {
    name: "an access control list for an id that there is not",
    archive: archive(
      pax({ "SCHILY.acl.access": "u::rwx,u:4294967295:rwx,g::r--,m::rwx,o::---" }),
      entry({ name: "f" }),
    ),
    outcome: refused("CORRUPT_ARCHIVE", "PaxHeaders/x", 0, "its access control list is malformed"),
  },
  {
    name: "an access control list that restricts whoever has that name on this machine",
    archive: archive(pax({ "SCHILY.acl.access": "u::rwx,u:daemon:---,g::r--,m::rwx,o::r--" }), entry({ name: "f" })),
    outcome: refused("UNSAFE_ARCHIVE", "PaxHeaders/x", 0, 'its access control list restricts "daemon"'),
  },
  {
    name: "an access control list that gives rights to whoever has that name on this machine",
    archive: archive(
      pax({ "SCHILY.acl.access": "u::rw-,u:daemon:rwx,u:9:rwx,g::r--,m::rw-,o::---" }),
      entry({ name: "f", mode: 0o600 }),
    ),
    outcome: accepted({ f: `file 660 "" system.posix_acl_access=${ACL_OF_9}` }),
  },
  {
    name: "setuid, setgid and capabilities survive owner, mode and access control list, and are given last",
    archive: archive(
      pax({ "SCHILY.acl.access": "u::rwx,u:9:rwx,g::r--,m::rw-,o::---" }),
      entry({ name: "f", mode: 0o6755, uid: 1000, gid: 1001 }, "x"),
    ),
    outcome: accepted({
      f: `file 6760 "x" of 1000:1001 system.posix_acl_access=${ACL_OF_9.replace(RW_OF_OWNER, RWX_OF_OWNER)}`,
    }),
  },
  {
    name: "an attribute larger than the kernel takes",
    archive: archive(pax({ "SCHILY.xattr.user.large": "x".repeat(300_000) }), entry({ name: "f" })),
    outcome: refused("CORRUPT_ARCHIVE", "f", 300_544, 'its attribute "user.large" has a value that it cannot have'),
  },
  {
    name: "a name longer than the kernel takes",
    archive: archive(pax({ [`SCHILY.xattr.user.${"n".repeat(251)}`]: "x" }), entry({ name: "f" })),
    outcome: refused("CORRUPT_ARCHIVE", "PaxHeaders/x", 0, "the name of an extended attribute is empty, too long"),
  },
  ...each(["", "a\0b"], (name) => ({
    name: `a name that is none (${JSON.stringify(name)})`,
    archive: archive(pax({ [`SCHILY.xattr.${name}`]: "v" }), entry({ name: "f" })),
    outcome: refused("CORRUPT_ARCHIVE", "PaxHeaders/x", 0, "the name of an extended attribute is empty"),
  })),
  {
    name: "a name that is none, escaped",
    archive: archive(pax({ "LIBARCHIVE.xattr.user.a%00b": "eA==" }), entry({ name: "f" })),
    outcome: refused("CORRUPT_ARCHIVE", "PaxHeaders/x", 0, "the name of an extended attribute is empty"),
  },
  ...each(["*", "a", "YWJj=", "YW=Jj"], (value) => ({
    name: `a value that is not base64 where it must be (${value})`,
    archive: archive(pax({ "LIBARCHIVE.xattr.user.a": value }), entry({ name: "f" })),
    outcome: refused("CORRUPT_ARCHIVE", "PaxHeaders/x", 0, 'the attribute "user.a" in its extended header is not one'),
  })),
  {
    name: "two values of one attribute, in the forms of two tools",
    archive: archive(
      pax({ "SCHILY.xattr.user.a": "harmless", "LIBARCHIVE.xattr.user.a": "b3duZWQ=" }),
      entry({ name: "f" }),
    ),
    outcome: refused("CORRUPT_ARCHIVE", "PaxHeaders/x", 0, 'gives the attribute "user.a" two values'),
  },
  {
    name: "no attack: any bytes of names and values, in the forms of two tools",
    archive: archive(
      pax({
        "SCHILY.xattr.user.a%3Db%25": Buffer.from("\0\n=\xff", "latin1"),
        "SCHILY.xattr.user.both": "abc",
        "LIBARCHIVE.xattr.user.both": "YWJj",
        "LIBARCHIVE.xattr.user.%C3%A9": "YWI",
      }),
      entry({ name: "f" }),
    ),
    outcome: accepted({
      f: String.raw`file 644 "" user.a=b%="\u0000\n=ÿ" user.both="abc" user.Ã©="ab"`,
    }),
  },
];

const RW_OF_OWNER = String.raw`\u0001\u0000\u0006`;
const RWX_OF_OWNER = String.raw`\u0001\u0000\u0007`;
/** Owner rw-, user 9 rwx, group r--, mask rw-, others nothing. */
const ACL_OF_9 = JSON.stringify(
  Buffer.concat(
    [
      [0x01, 6, -1],
      [0x02, 7, 9],
      [0x04, 4, -1],
      [0x10, 6, -1],
      [0x20, 0, -1],
    ].reduce(
      (pieces, [tag = 0, rights = 0, id = 0]) => {
        const piece = Buffer.alloc(8);
        piece.writeUInt16LE(tag, 0);
        piece.writeUInt16LE(rights, 2);
        piece.writeInt32LE(id, 4);
        return [...pieces, piece];
      },
      [Buffer.from([2, 0, 0, 0])],
    ),
  ).toString("latin1"),
);
