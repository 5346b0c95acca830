import { execFileSync } from "node:child_process";
import { linkSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { hexOf } from "../../../core/digests.ts";
import { differences } from "../../../scripts/faults/audit/describe-tree.ts";
import { compareWithGnuTar, createWithGnuTar, extractWithGnuTar } from "../../support/gnu-tar.ts";
import { useUnpacking } from "../../support/use-unpacking.ts";

const unpacking = useUnpacking();

/** `scripts/compare-with-gnu-tar.sh` asks for the full size, which takes minutes. */
const isFull = process.env["IMGSTORE_TEST_FULL"] === "1";
if (isFull) vi.setConfig({ testTimeout: 1_800_000 });
const [SMALL_FILES, LINKS, LARGE_BYTES] = isFull ? [60_000, 50_000, 2_000_000_000] : [1500, 1000, 30_000_000];

describe("unpack makes the tree that GNU tar makes", () => {
  test(`of ${SMALL_FILES} small files, of various owners and modes`, async () => {
    const source = join(unpacking().home, "source");
    for (let index = 0; index < SMALL_FILES; index++) {
      const directory = join(source, `${index % 100}`, `${Math.floor(index / 2000)}`);
      if (index % 2000 < 100) mkdirSync(directory, { recursive: true });
      writeFileSync(join(directory, `file-${index}`), `${index} `.repeat(index % 1500), {
        mode: 0o400 + (index % 0o400),
      });
    }
    execFileSync("sh", ["-c", "find . -name '*7' -exec chown 12:34 {} +"], { cwd: source });
    expect(await compareInFile(source)).toEqual([]);
  });

  test(`of a farm of ${LINKS} hard links, of files, symbolic links, FIFOs and devices`, async () => {
    const source = join(unpacking().home, "source");
    mkdirSync(source);
    execFileSync("sh", ["-c", "echo x > file0; ln -s file0 link0; mkfifo fifo0; mknod null0 c 1 3"], { cwd: source });
    for (let index = 1; index < LINKS / 4; index++) {
      const directory = join(source, `${index % 50}`);
      if (index <= 50) mkdirSync(directory);
      for (const name of ["file", "link", "fifo", "null"])
        linkSync(join(source, `${name}0`), join(directory, `${name}${index}`));
    }
    const { differing } = await compareWithGnuTar(unpacking(), createWithGnuTar(source));
    expect(differing).toEqual([]);
  });

  test(`of one file of ${LARGE_BYTES} bytes`, async () => {
    const source = join(unpacking().home, "source");
    mkdirSync(source);
    execFileSync("sh", ["-c", `head -c ${LARGE_BYTES} /dev/urandom > large; setfattr -n user.a -v b large`], {
      cwd: source,
    });
    expect(await compareInFile(source)).toEqual([]);
  });
});

/** As `compareWithGnuTar`, of an archive that memory does not hold. */
async function compareInFile(source: string): Promise<string[]> {
  const { root, home } = unpacking();
  const blob = unpacking().store(Buffer.from("replaced"));
  const path = join(root, "blobs", hexOf(blob));
  execFileSync("tar", [
    "--xattrs",
    "--xattrs-include=*",
    "--numeric-owner",
    "--format=posix",
    "-C",
    source,
    "-cf",
    path,
    ".",
  ]);
  extractWithGnuTar(path, join(home, "gnu"));
  const { name } = await unpacking().unpack(blob);
  return differences(join(root, "tmp", name), join(home, "gnu"));
}
