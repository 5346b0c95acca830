import { closeSync, ftruncateSync, mkdirSync, openSync, statSync, writeSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { makeSparseFiles } from "../../support/everything.ts";
import { compareWithGnuTar, createWithBsdtar, createWithGnuTar } from "../../support/gnu-tar.ts";
import { useUnpacking } from "../../support/use-unpacking.ts";

const unpacking = useUnpacking();
const GIB = 2 ** 30;

/** Every way to archive sparse files that there is. */
const WRITERS: Readonly<Record<string, (source: string) => Buffer>> = {
  "old GNU": (source) => createWithGnuTar(source, "oldgnu", ["--sparse"]),
  GNU: (source) => createWithGnuTar(source, "gnu", ["--sparse"]),
  "PAX 0.0": (source) => createWithGnuTar(source, "posix", ["--sparse", "--sparse-version=0.0"]),
  "PAX 0.1": (source) => createWithGnuTar(source, "posix", ["--sparse", "--sparse-version=0.1"]),
  "PAX 1.0": (source) => createWithGnuTar(source, "posix", ["--sparse", "--sparse-version=1.0"]),
  "bsdtar's": createWithBsdtar,
};

describe("unpack makes the tree that GNU tar makes of sparse files, and keeps their holes", () => {
  test.each(Object.entries(WRITERS))("in the format %s", async (_, create) => {
    const source = join(unpacking().home, "source");
    makeSparseFiles(source);
    const archive = create(source);
    expect(archive.length).toBeLessThan(1_000_000);
    const { differing, tree } = await compareWithGnuTar(unpacking(), archive);
    expect(differing).toEqual([]);
    expect(statSync(join(tree, "hole-only")).blocks).toBe(0);
    expect(statSync(join(tree, "fragmented")).blocks * 512).toBeLessThan(1_000_000);
    expect(statSync(join(tree, "hole-last")).blocks * 512).toBeLessThan(10_000);
  });

  test.each([
    ["more than 4 GiB, with data beyond 32 bits", 4 * GIB, "PAX 1.0"],
    ["more than 8 GiB, whose size no octal field holds", 8 * GIB, "old GNU"],
  ])("of %s", async (_, sizeBytes, format) => {
    const source = join(unpacking().home, "source");
    mkdirSync(source);
    makeHoles(join(source, "large"), sizeBytes + 12_345);
    const archive = WRITERS[format]?.(source) ?? Buffer.alloc(0);
    const limits = { maxExpansion: Number.MAX_SAFE_INTEGER };
    const { differing, tree } = await compareWithGnuTar(unpacking(), archive, { limits });
    expect(differing).toEqual([]);
    expect(statSync(join(tree, "large")).blocks * 512).toBeLessThan(1_000_000);
  });
});

/** A file of that size with a few words at its beginning, its end, and between. */
function makeHoles(path: string, sizeBytes: number): void {
  const fd = openSync(path, "w");
  try {
    for (const at of [0, GIB - 3, 2 ** 31 - 7, sizeBytes - 4000]) writeSync(fd, `data at ${at}`, at);
    ftruncateSync(fd, sizeBytes);
  } finally {
    closeSync(fd);
  }
}
