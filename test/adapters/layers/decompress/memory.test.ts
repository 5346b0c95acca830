import { readFileSync } from "node:fs";
import { describe, expect, test, vi } from "vitest";
import { openPlainBytes } from "../../../../adapters/layers/decompress/open-plain-bytes.ts";
import { compressed } from "../../../support/compressed.ts";
import { allOf, withBlob } from "../../../support/decompressed.ts";

// xz takes its time on a busy machine
vi.setConfig({ testTimeout: 60_000 });

const MIB = 2 ** 20;

/** Those whose memory is no concern of the garbage collector's. */
describe.each(["zstd", "xz", "bzip2"] as const)("openPlainBytes of %s", (format) => {
  test("take little memory for many bytes", async () => {
    const text = Buffer.from(Array.from({ length: 50_000 }, (_, i) => `line ${i}`).join("\n"));
    const plain = Buffer.alloc(50 * MIB, text);
    await withBlob(compressed(format, plain, ["-1"]), async (blob) => {
      const before = process.memoryUsage().rss;
      let most = 0;
      let length = 0;
      const bytes = openPlainBytes(blob);
      const buffer = new Uint8Array(256 * 1024);
      for (let filled = await bytes.read(buffer); filled > 0; filled = await bytes.read(buffer)) {
        length += filled;
        most = Math.max(most, process.memoryUsage().rss);
      }
      bytes.close();
      expect(length).toBe(plain.length);
      expect(most - before).toBeLessThan(32 * MIB);
    });
  });

  test("leave nothing behind when they are read to the end, and neither when the reader stops early or fails", async () => {
    // windows of 8 MiB at least, 64 for xz: a few dozen that were kept would be seen
    const level = { zstd: "-19", xz: "-9", bzip2: "-9" }[format];
    const stream = compressed(format, Buffer.alloc(3 * MIB, "0123456789"), [level]);
    const stored = Buffer.concat([stream, stream]);
    const damaged = Buffer.concat([stored, Buffer.from("junk")]);
    await readInThreeWays(stored, damaged);
    const before = addressSpaceBytes();
    for (let round = 0; round < 60; round++) await readInThreeWays(stored, damaged);
    expect(addressSpaceBytes() - before).toBeLessThan(150 * MIB);
  });
});

async function readInThreeWays(stored: Buffer, damaged: Buffer): Promise<void> {
  await withBlob(stored, async (blob) => {
    const bytes = openPlainBytes(blob);
    await bytes.read(new Uint8Array(1000));
    bytes.close();
  });
  await withBlob(stored, (blob) => allOf(openPlainBytes(blob)));
  const reading = withBlob(damaged, (blob) => allOf(openPlainBytes(blob)));
  await expect(reading).rejects.toMatchObject({ code: "CORRUPT_ARCHIVE" });
}

function addressSpaceBytes(): number {
  const pages = Number(readFileSync("/proc/self/statm", "utf8").split(" ")[0]);
  return pages * 4096;
}
