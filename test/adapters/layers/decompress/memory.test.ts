import { readFileSync } from "node:fs";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, test, vi } from "vitest";
import type { PlainBytes } from "../../../../adapters/layers/decompress/plain-bytes.ts";
import { compressed } from "../../../support/compressed.ts";
import { DECODERS } from "../../../support/decoders.ts";
import { allOf, decompressionError } from "../../../support/decompressed.ts";
import { storedInPieces } from "../../../support/stored-pieces.ts";

// xz takes its time on a busy machine
vi.setConfig({ testTimeout: 60_000 });

const MIB = 2 ** 20;

/** Those whose memory is no concern of the garbage collector's. */
const OWNERS = DECODERS.filter(({ name }) => !["gzip by libisal", "gzip by node"].includes(name));

describe.each(OWNERS)("plain bytes of $name", ({ format, open }) => {
  test("take little memory for many bytes", async () => {
    const text = Buffer.from(Array.from({ length: 50_000 }, (_, i) => `line ${i}`).join("\n"));
    const plain = Buffer.alloc(50 * MIB, text);
    const stored = compressed(format, plain, ["-1"]);
    const slot = new Uint8Array(256 * 1024);
    const before = process.memoryUsage().rss;
    const { length, mostBytes } = await countOf(open(storedInPieces(stored)), slot);
    expect(length).toBe(plain.length);
    expect(mostBytes - before).toBeLessThan(32 * MIB);
  });

  test("leave nothing behind when they are read to the end, and neither when the reader stops early or fails", async () => {
    // windows of 8 MiB at least, 64 for xz: a few dozen that were kept would be seen; libz takes little
    const level = { gzip: "-9", zstd: "-19", xz: "-9", bzip2: "-9" }[format];
    const rounds = format === "gzip" ? 4000 : 60;
    const stream = compressed(format, Buffer.alloc(format === "gzip" ? 1000 : 3 * MIB, "0123456789"), [level]);
    const stored = Buffer.concat([stream, stream]);
    const damaged = Buffer.concat([stored, Buffer.from("junk")]);
    const readInThreeWays = async (): Promise<void> => {
      const early = open(storedInPieces(stored));
      await early.read(new Uint8Array(1000));
      early.close();
      await allOf(open(storedInPieces(stored)), 100_000);
      await decompressionError(damaged, open);
    };
    for (let round = 0; round < 20; round++) await readInThreeWays();
    const before = addressSpaceBytes();
    for (let round = 0; round < rounds; round++) await readInThreeWays();
    expect(addressSpaceBytes() - before).toBeLessThan(150 * MIB);
  });
});

async function countOf(plain: PlainBytes, slot: Uint8Array): Promise<{ length: number; mostBytes: number }> {
  let [length, mostBytes] = [0, 0];
  try {
    for (let filled = await plain.read(slot); filled > 0; filled = await plain.read(slot)) {
      length += filled;
      mostBytes = Math.max(mostBytes, process.memoryUsage().rss);
    }
  } finally {
    plain.close();
  }
  return { length, mostBytes };
}

/** Without what the garbage collector would take. */
function addressSpaceBytes(): number {
  setFlagsFromString("--expose-gc");
  runInNewContext("gc")();
  const pages = Number(readFileSync("/proc/self/statm", "utf8").split(" ")[0]);
  return pages * 4096;
}
