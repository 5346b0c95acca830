import { describe, expect, test, vi } from "vitest";
import { COMPRESSIONS, type Compression, compressed, decompressedByCommand } from "../../../support/compressed.ts";
import { decompressed, decompressionError } from "../../../support/decompressed.ts";

// xz takes its time on a busy machine
vi.setConfig({ testTimeout: 60_000 });

/** Less compressible than text, and more than one block of bzip2's. */
const large = Buffer.from(Array.from({ length: 100_000 }, (_, i) => (i * 2_654_435_761) >>> 0).join(" "));
const small = Buffer.from("plain bytes, and plain bytes again");
const ofBuffers = [1, 262_143, 262_144, 262_145, 524_288, large.length].map((length) => large.subarray(0, length));

/** Every prefix that still has the format's first bytes and lacks at least one byte. */
function prefixes(stored: Buffer): Buffer[] {
  return Array.from({ length: stored.length - 6 }, (_, index) => stored.subarray(0, index + 6));
}

describe.each(COMPRESSIONS)("openPlainBytes of %s", (format) => {
  const pack = (plain: Uint8Array, ...options: string[]): Buffer => compressed(format, plain, options);
  const storedLarge = pack(large);

  test("are those that the command line gives, whatever their length", async () => {
    for (const plain of [small, ...ofBuffers]) {
      const stored = pack(plain);
      expect((await decompressed(stored)).equals(decompressedByCommand(format, stored))).toBe(true);
    }
  });

  test("are the same at the lowest and the highest level", async () => {
    for (const level of ["-1", "-9"]) expect((await decompressed(pack(large, level))).equals(large)).toBe(true);
  });

  test("are none of what was compressed from nothing", async () => {
    expect(await decompressed(pack(Buffer.alloc(0)))).toHaveLength(0);
  });

  test("are those of all streams, empty ones among them", async () => {
    const stored = Buffer.concat([pack(Buffer.alloc(0)), storedLarge, pack(Buffer.alloc(0)), pack(small), storedLarge]);
    expect((await decompressed(stored)).equals(Buffer.concat([large, small, large]))).toBe(true);
  });

  test("are those of more streams than a buffer holds", async () => {
    const one = pack(small);
    const count = Math.ceil(600_000 / one.length);
    const plain = await decompressed(Buffer.concat(Array.from({ length: count }, () => one)));
    expect(plain.equals(Buffer.concat(Array.from({ length: count }, () => small)))).toBe(true);
  });

  test("end in CORRUPT_ARCHIVE where a stream is cut short, wherever that is", async () => {
    const first = pack(large.subarray(0, 400));
    const second = pack(small);
    const secondCuts = Array.from({ length: second.length - 1 }, (_, index) => second.subarray(0, index + 1));
    for (const stored of [...prefixes(first), ...secondCuts.map((cut) => Buffer.concat([first, cut]))]) {
      const error = await decompressionError(stored);
      expect(error.code).toBe("CORRUPT_ARCHIVE");
      expect(error.message).toContain(format);
      expect(error.message).toContain(`near byte ${stored.length} `);
    }
  });

  test("end in CORRUPT_ARCHIVE where a large file is cut short", async () => {
    for (let length = 50_000; length < storedLarge.length; length += 97_531) {
      expect((await decompressionError(storedLarge.subarray(0, length))).code).toBe("CORRUPT_ARCHIVE");
    }
  });

  test("are never others than the right ones when one byte is damaged", async () => {
    const stored = pack(large.subarray(0, 400));
    let refusals = 0;
    for (let at = 6; at < stored.length; at++) {
      const damaged = Buffer.from(stored);
      damaged.writeUInt8(damaged.readUInt8(at) ^ 0x55, at);
      const plain = await decompressed(damaged).catch((error: unknown) => error);
      if (plain instanceof Buffer) expect(plain.equals(large.subarray(0, 400))).toBe(true);
      else expect(plain).toMatchObject({ code: expect.stringMatching(/^(CORRUPT_ARCHIVE|UNSUPPORTED_COMPRESSION)$/) });
      if (!(plain instanceof Buffer)) refusals++;
    }
    // not in a time stamp or the like
    expect(refusals).toBeGreaterThan(stored.length - 20);
  });

  test("end in CORRUPT_ARCHIVE where the checksum is another", async () => {
    const stored = Buffer.from(storedLarge);
    // of gzip the checksum of the contents, of zstd that of the frame; xz ends with two others
    const at = { gzip: 8, zstd: 4, xz: 12, bzip2: 4 }[format];
    stored.writeUInt8(stored.readUInt8(stored.length - at) ^ 0x10, stored.length - at);
    expect((await decompressionError(stored)).code).toBe("CORRUPT_ARCHIVE");
  });

  test("end in CORRUPT_ARCHIVE where something else comes after the end, after several streams, too", async () => {
    for (const junk of ["j", "junk", "junk that is longer than a header of any format would be"]) {
      for (const before of [storedLarge, Buffer.concat([pack(small), pack(small)])]) {
        const error = await decompressionError(Buffer.concat([before, Buffer.from(junk)]));
        expect(error.code).toBe("CORRUPT_ARCHIVE");
        expect(error.hint).toContain("make it again");
      }
    }
  });
});

describe("zeros after the last stream", () => {
  const padded = (format: Compression, zeros: number): Buffer =>
    Buffer.concat([compressed(format, small), Buffer.alloc(zeros)]);

  test("are the padding that tapes need, after gzip", async () => {
    for (const zeros of [1, 700, 300_000]) expect(await decompressed(padded("gzip", zeros))).toEqual(small);
  });

  test("are padding in fours after xz, between streams as well", async () => {
    const two = Buffer.concat([padded("xz", 8), padded("xz", 300_000)]);
    expect(await decompressed(two)).toEqual(Buffer.concat([small, small]));
    expect((await decompressionError(padded("xz", 3))).code).toBe("CORRUPT_ARCHIVE");
  });

  test.each(["zstd", "bzip2"] as const)("are nothing that %s knows", async (format) => {
    expect((await decompressionError(padded(format, 512))).code).toBe("CORRUPT_ARCHIVE");
  });
});

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

  test("may not need a dictionary", async () => {
    // single segment, one byte of a dictionary's id, one of size, an empty last block
    const stored = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x21, 0x05, 0x00, 0x01, 0x00, 0x00]);
    const error = await decompressionError(stored);
    expect(error.code).toBe("UNSUPPORTED_COMPRESSION");
    expect(error.message).toContain("dictionary");
  });
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
