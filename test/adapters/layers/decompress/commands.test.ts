import { describe, expect, test, vi } from "vitest";
import { type Compression, filtered } from "../../../support/compressed.ts";
import { DECODERS } from "../../../support/decoders.ts";
import { allOf } from "../../../support/decompressed.ts";
import { storedInPieces } from "../../../support/stored-pieces.ts";

// xz takes its time on a busy machine
vi.setConfig({ testTimeout: 60_000 });

/** Ways to compress, from the fastest to the smallest, each by a command that reads stdin. */
const COMMANDS: Readonly<Record<Compression, readonly (readonly [string, ...string[]])[]>> = {
  gzip: [
    ["gzip", "-1", "-c"],
    ["gzip", "-9", "-c"],
    ["igzip", "-0", "-c"],
    ["igzip", "-3", "-c"],
  ],
  zstd: [
    ["zstd", "--fast=5", "-c"],
    ["zstd", "-c", "--no-check"],
    ["zstd", "-T2", "-19", "-c"],
    ["zstd", "--long=26", "-c"],
    ["zstd", "--ultra", "-21", "-c"],
  ],
  xz: [
    ["xz", "-0", "-c"],
    ["xz", "-2", "-T2", "--block-size=300000", "-c"],
    ["xz", "--x86", "--lzma2=preset=1", "-c"],
  ],
  bzip2: [
    ["bzip2", "-1", "-c"],
    ["bzip2", "-9", "-c"],
  ],
};

const READERS: Readonly<Record<Compression, readonly string[]>> = {
  gzip: ["gzip", "igzip"],
  zstd: ["zstd"],
  xz: ["xz"],
  bzip2: ["bzip2"],
};

const mixed = mixedBytes();

describe.each(DECODERS)("plain bytes of $name", ({ format, open }) => {
  test.each(COMMANDS[format])("are those that the command line gives of %s %s", async (command, ...options) => {
    const stored = Buffer.concat([
      filtered(command, options, mixed),
      filtered(command, options, mixed.subarray(0, 1000)),
    ]);
    const theirs = READERS[format].map((reader) => filtered(reader, ["-d", "-c"], stored));
    for (const [pieceBytes, slotBytes] of [
      [stored.length, 262_144],
      [10_007, 65_537],
    ] as const) {
      const bytes = await allOf(open(storedInPieces(stored, pieceBytes)), slotBytes);
      expect(theirs.map((other) => bytes.equals(other))).toEqual(theirs.map(() => true));
    }
  });
});

/** Some 2 MB: noise, words, zeros, a pattern, and the words again from farther away than gzip's window. */
function mixedBytes(): Buffer {
  let seed = 1;
  const next = (below: number): number => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
    return Math.floor((seed / 2 ** 32) * below);
  };
  const vocabulary = Array.from({ length: 500 }, () => next(2 ** 31).toString(36));
  const words = Buffer.from(Array.from({ length: 60_000 }, () => vocabulary[next(500)]).join(" "));
  const noise = Buffer.from(Array.from({ length: 300_000 }, () => next(256)));
  return Buffer.concat([noise, words, Buffer.alloc(600_000), Buffer.alloc(300_001, "pattern"), words]);
}
