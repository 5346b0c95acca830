import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { archive, directory, entry, header, pax, symlink } from "../support/archive-builder.ts";
import { readFileXattr } from "../support/file-xattr.ts";
import { useUnpacking } from "../support/use-unpacking.ts";

const unpacking = useUnpacking();
const MARKS = ["redirect", "metacopy", "opaque", "origin", "whiteout", "overlay.opaque"];

describe("extended attributes", () => {
  for (const flavour of ["trusted.overlay", "user.overlay"]) {
    for (const key of ["SCHILY.xattr", "LIBARCHIVE.xattr"]) {
      test.each(MARKS)(`${flavour}.%s planted by ${key} is escaped, not obeyed`, async (mark) => {
        const value = key === "SCHILY.xattr" ? "/etc" : Buffer.from("/etc").toString("base64");
        const tree = await unpacking().tree(archive(pax({ [`${key}.${flavour}.${mark}`]: value }), directory("d")));
        expect(readFileXattr(join(tree, "d"), `${flavour}.${mark}`)).toBe(null);
        expect(readFileXattr(join(tree, "d"), `${flavour}.overlay.${mark}`)).toBe("/etc");
      });
    }
  }

  test("planted by a global header are escaped, too", async () => {
    const planted = pax({ "SCHILY.xattr.trusted.overlay.redirect": "/etc" }, { type: "g" });
    const tree = await unpacking().tree(archive(planted, directory("d")));
    expect(readFileXattr(join(tree, "d"), "trusted.overlay.redirect")).toBe(null);
  });

  test("planted on the root are escaped, too", async () => {
    const tree = await unpacking().tree(archive(pax({ "SCHILY.xattr.trusted.overlay.opaque": "y" }), directory("./")));
    expect(readFileXattr(tree, "trusted.overlay.opaque")).toBe(null);
    expect(readFileXattr(tree, "trusted.overlay.overlay.opaque")).toBe("y");
  });

  test.each(["trusted.other", "trusted.", "trusted.overlay"])("%s is refused", async (name) => {
    const hostile = archive(pax({ [`SCHILY.xattr.${name}`]: "x" }), entry({ name: "f" }));
    const error = await unpacking().refusal(hostile);
    expect(error.code).toBe("UNSAFE_ARCHIVE");
    expect(error.message).toContain(name);
  });

  test("the host's security labels, and names of other systems, are left out", async () => {
    const records = {
      "SCHILY.xattr.security.selinux": "system_u:object_r:etc_t:s0",
      "SCHILY.xattr.com.apple.provenance": "x",
      "SCHILY.xattr.system.nfs4_acl": "x",
      "SCHILY.xattr.user.kept": "yes",
    };
    const found = await unpacking().found(archive(pax(records), entry({ name: "f" })));
    expect(found.get("f")).toMatch(/ user\.kept=796573$/);
    expect(found.get("f")).not.toMatch(/selinux|apple|nfs4/);
  });

  test("that a kind of file cannot have are left out", async () => {
    const records = { "SCHILY.xattr.user.a": "x", "SCHILY.xattr.system.posix_acl_default": "x" };
    const found = await unpacking().found(
      archive(pax(records), symlink("link", "t"), pax(records), header({ name: "fifo", type: "6" })),
    );
    expect(found.get("link")).toBe("120777 0:0 0 -> t");
    expect(found.get("fifo")).toBe("10644 0:0 0");
  });

  test("with values the kernel refuses end in a clear error", async () => {
    for (const name of ["security.capability", "system.posix_acl_access"]) {
      const hostile = archive(pax({ [`SCHILY.xattr.${name}`]: "nonsense" }), entry({ name: "f" }));
      const error = await unpacking().refusal(hostile);
      expect(error.code).toMatch(/^(UNSAFE|CORRUPT)_ARCHIVE$/);
      expect(error.message).toContain(`"${name}"`);
    }
  });

  test("too large for the file system are refused, not retried as if space were short", async () => {
    const hostile = archive(pax({ "SCHILY.xattr.user.large": "x".repeat(300_000) }), entry({ name: "f" }));
    expect(await unpacking().refusalCode(hostile)).toMatch(/^(UNSAFE|CORRUPT)_ARCHIVE$/);
  });
});
