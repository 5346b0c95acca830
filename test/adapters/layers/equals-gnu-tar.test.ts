import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { COMPRESSIONS, compressed } from "../../support/compressed.ts";
import { addAcls, makeEverything } from "../../support/everything.ts";
import { compareWithGnuTar, createWithBsdtar, createWithGnuTar } from "../../support/gnu-tar.ts";
import { useUnpacking } from "../../support/use-unpacking.ts";

const unpacking = useUnpacking();

function everything(): string {
  const source = join(unpacking().home, "source");
  makeEverything(source);
  return source;
}

async function expectEqual(archive: Uint8Array): Promise<void> {
  expect((await compareWithGnuTar(unpacking(), archive)).differing).toEqual([]);
}

describe("unpack makes the tree that GNU tar makes", () => {
  for (const format of ["posix", "gnu", "oldgnu"]) {
    test(`of everything a file system can have, in the format ${format}`, async () => {
      await expectEqual(createWithGnuTar(everything(), format));
    });
  }

  for (const format of ["ustar", "v7"]) {
    test(`of what the format ${format} can keep`, async () => {
      const source = join(unpacking().home, "source");
      mkdirSync(join(source, "d".repeat(60), "e".repeat(format === "v7" ? 20 : 90)), { recursive: true });
      execFileSync("sh", ["-c", `cp -a /etc/hostname . ; ln -s hostname l; ln hostname h; mkfifo p`], { cwd: source });
      await expectEqual(createWithGnuTar(source, format, ["--exclude=./p"]));
    });
  }

  test("of an archive of bsdtar's, with attributes and access control lists in its own forms", async () => {
    const source = everything();
    addAcls(source);
    await expectEqual(createWithBsdtar(source));
  });

  test.each([
    ["text", ["--acls", "--no-xattrs"], ["--acls"]],
    // asked for lists, GNU tar looks for the text only
    ["attributes", [], []],
    ["both", ["--acls"], ["--acls"]],
  ])("of access control lists as %s", async (_, options, gnuTarOptions) => {
    const source = everything();
    addAcls(source);
    const archive = createWithGnuTar(source, "posix", options);
    const { differing, tree } = await compareWithGnuTar(unpacking(), archive, { gnuTarOptions });
    expect(differing).toEqual([]);
    const kept = execFileSync("getfacl", ["--absolute-names", "--numeric", join(tree, "dir/deep")], {
      encoding: "utf8",
    });
    expect(kept).toContain("user:12345:r-x");
    expect(kept).toContain("default:group:23456:--x");
  });

  test.each(COMPRESSIONS)("of several streams of %s", async (format) => {
    const archive = createWithGnuTar(everything());
    const third = Math.floor(archive.length / 3);
    const parts = [archive.subarray(0, third), archive.subarray(third, 2 * third), archive.subarray(2 * third)];
    await expectEqual(Buffer.concat(parts.map((part) => compressed(format, part))));
  });

  test("of a gzip with zeros after it", async () => {
    await expectEqual(Buffer.concat([gzipSync(createWithGnuTar(everything())), Buffer.alloc(700)]));
  });

  test("of this machine's /etc, its programs and some of its libraries", async () => {
    const source = join(unpacking().home, "source");
    mkdirSync(source);
    execFileSync("cp", ["-a", "/etc", "/usr/sbin", source]);
    execFileSync("sh", ["-c", `cp -a /usr/lib/*-linux-gnu/lib[ab]* ${source}`]);
    await expectEqual(gzipSync(createWithGnuTar(source), { level: 1 }));
  });
});
