import { describe, expect, test } from "vitest";
import { compressed } from "../../../support/compressed.ts";
import { decompressed, decompressionError } from "../../../support/decompressed.ts";

/** More than one block. */
const large = Buffer.from(Array.from({ length: 100_000 }, (_, i) => (i * 2_654_435_761) >>> 0).join(" "));

describe("openPlainBytes of zstd", () => {
  const skippable = (length: number): Buffer => {
    const frame = Buffer.alloc(8 + length, "skip");
    frame.writeUInt32LE(0x184d2a53, 0);
    frame.writeUInt32LE(length, 4);
    return frame;
  };

  test("leave skippable frames out, wherever they are, also when there is nothing else", async () => {
    const frame = compressed("zstd", large);
    const stored = [skippable(3), frame, skippable(0), skippable(600_000), frame, skippable(9)];
    expect((await decompressed(Buffer.concat(stored))).equals(Buffer.concat([large, large]))).toBe(true);
    expect(await decompressed(skippable(100))).toHaveLength(0);
  });

  test("end in CORRUPT_ARCHIVE within a skippable frame that is cut short", async () => {
    expect((await decompressionError(skippable(600_000).subarray(0, -1))).code).toBe("CORRUPT_ARCHIVE");
  });

  test("may need a window of 64 MiB, but not more", async () => {
    expect((await decompressed(compressed("zstd", large, ["--long=26"]))).equals(large)).toBe(true);
    const error = await decompressionError(compressed("zstd", large, ["--long=27"]));
    expect(error.code).toBe("UNSUPPORTED_COMPRESSION");
    expect(error.message).toContain("64 MiB");
    expect(error.hint).toContain("--long=26");
  });

  test("may not be followed by zeros", async () => {
    const stored = Buffer.concat([compressed("zstd", large), Buffer.alloc(512)]);
    expect((await decompressionError(stored)).code).toBe("CORRUPT_ARCHIVE");
  });

  test("may not need a dictionary", async () => {
    // single segment, one byte of a dictionary's id, one of size, an empty last block
    const stored = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x21, 0x05, 0x00, 0x01, 0x00, 0x00]);
    const error = await decompressionError(stored);
    expect(error.code).toBe("UNSUPPORTED_COMPRESSION");
    expect(error.message).toContain("dictionary");
  });
});
