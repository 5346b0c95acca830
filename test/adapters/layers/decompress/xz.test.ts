import { expect, test, vi } from "vitest";
import { compressed } from "../../../support/compressed.ts";
import { decompressed, decompressionError } from "../../../support/decompressed.ts";

// xz takes its time on a busy machine
vi.setConfig({ testTimeout: 60_000 });

const small = Buffer.from("plain bytes, and plain bytes again");
const large = Buffer.from(Array.from({ length: 100_000 }, (_, i) => (i * 2_654_435_761) >>> 0).join(" "));

test("openPlainBytes of xz may have padding in fours after each stream", async () => {
  const padded = (zeros: number): Buffer => Buffer.concat([compressed("xz", small), Buffer.alloc(zeros)]);
  const two = Buffer.concat([padded(8), padded(300_000)]);
  expect(await decompressed(two)).toEqual(Buffer.concat([small, small]));
  expect((await decompressionError(padded(3))).code).toBe("CORRUPT_ARCHIVE");
});

test("openPlainBytes of xz may need a dictionary of 64 MiB, as xz -9 does, but not more", async () => {
  expect(await decompressed(compressed("xz", small, ["-9"]))).toEqual(small);
  const error = await decompressionError(compressed("xz", small, ["--lzma2=preset=9,dict=65MiB"]));
  expect(error.code).toBe("UNSUPPORTED_COMPRESSION");
  expect(error.message).toContain("64 MiB");
  expect(error.hint).toContain("xz -9");
});

test("openPlainBytes of xz are checked by every check that xz has", async () => {
  for (const check of ["crc32", "crc64", "sha256"]) {
    expect((await decompressed(compressed("xz", large, [`--check=${check}`]))).equals(large)).toBe(true);
  }
});
