import { describe, expect, test, vi } from "vitest";
import { compressed, decompressedByCommand } from "../../../support/compressed.ts";
import { DECODERS } from "../../../support/decoders.ts";
import { allOf, decompressed, decompressionError } from "../../../support/decompressed.ts";
import { storedInPieces } from "../../../support/stored-pieces.ts";

// xz takes its time on a busy machine
vi.setConfig({ testTimeout: 60_000 });

/** Less compressible than text, and more than one block of bzip2's. */
const large = Buffer.from(Array.from({ length: 100_000 }, (_, i) => (i * 2_654_435_761) >>> 0).join(" "));
const small = Buffer.from("plain bytes, and plain bytes again");
const ofBuffers = [1, 262_143, 262_144, 262_145, 524_288, large.length].map((length) => large.subarray(0, length));

/** Whatever way a file comes in, and whatever room there is for what it holds. */
const splits = [1, 7, 65_536].flatMap((pieceBytes) =>
  [1, 512, 262_144].map((slotBytes) => ({ pieceBytes, slotBytes })),
);

/** Every prefix that lacks at least one byte; not the empty one. */
function prefixes(stored: Buffer): Buffer[] {
  return Array.from({ length: stored.length - 1 }, (_, index) => stored.subarray(0, index + 1));
}

describe.each(DECODERS)("plain bytes of $name", ({ format, open }) => {
  const pack = (plain: Uint8Array, ...options: string[]): Buffer => compressed(format, plain, options);
  const storedLarge = pack(large);

  test("are those that the command line gives, whatever their length", async () => {
    for (const plain of [small, ...ofBuffers]) {
      const stored = pack(plain);
      expect((await decompressed(stored, open)).equals(decompressedByCommand(format, stored))).toBe(true);
    }
  });

  test("are the same at the lowest and the highest level", async () => {
    for (const level of ["-1", "-9"]) expect((await decompressed(pack(large, level), open)).equals(large)).toBe(true);
  });

  test.each(splits)("are the same in pieces of $pieceBytes and slots of $slotBytes bytes", async (split) => {
    const plain = large.subarray(0, split.slotBytes === 1 ? 2000 : 100_000);
    const [first, last] = [pack(plain), pack(small)];
    // as the padding between streams and after them that the format knows
    const zeros = Buffer.alloc({ gzip: 0, xz: 8, zstd: 0, bzip2: 0 }[format]);
    const stored = Buffer.concat([first, zeros, last, Buffer.alloc(format === "gzip" ? 700 : zeros.length)]);
    const bytes = await allOf(open(storedInPieces(stored, split.pieceBytes)), split.slotBytes);
    expect(bytes.equals(Buffer.concat([plain, small]))).toBe(true);
  });

  test("are none of what was compressed from nothing", async () => {
    expect(await decompressed(pack(Buffer.alloc(0)), open)).toHaveLength(0);
  });

  test("are those of all streams, empty ones among them", async () => {
    const stored = Buffer.concat([pack(Buffer.alloc(0)), storedLarge, pack(Buffer.alloc(0)), pack(small), storedLarge]);
    expect((await decompressed(stored, open)).equals(Buffer.concat([large, small, large]))).toBe(true);
  });

  test("are those of more streams than a buffer holds", async () => {
    const one = pack(small);
    const count = Math.ceil(600_000 / one.length);
    const plain = await decompressed(Buffer.concat(Array.from({ length: count }, () => one)), open);
    expect(plain.equals(Buffer.concat(Array.from({ length: count }, () => small)))).toBe(true);
  });

  test("end in CORRUPT_ARCHIVE where a stream is cut short, wherever that is", async () => {
    const first = pack(large.subarray(0, 400));
    const second = pack(small);
    const cuts = [...prefixes(first), ...prefixes(second).map((cut) => Buffer.concat([first, cut]))];
    for (const stored of cuts) {
      const error = await decompressionError(stored, open);
      expect(error.code).toBe("CORRUPT_ARCHIVE");
      expect(error.message).toContain(format);
      expect(error.message).toContain(`near byte ${stored.length} `);
    }
  });

  test("end in CORRUPT_ARCHIVE where a large file is cut short", async () => {
    for (let length = 50_000; length < storedLarge.length; length += 97_531) {
      expect((await decompressionError(storedLarge.subarray(0, length), open)).code).toBe("CORRUPT_ARCHIVE");
    }
  });

  test("are never others than the right ones when one bit is another", async () => {
    const plain = large.subarray(0, 400);
    const stored = pack(plain);
    let refusals = 0;
    for (let at = 0; at < stored.length * 8; at++) {
      const damaged = Buffer.from(stored);
      damaged.writeUInt8(damaged.readUInt8(at >> 3) ^ (1 << (at & 7)), at >> 3);
      const bytes = await decompressed(damaged, open).catch((error: unknown) => error);
      if (bytes instanceof Buffer) expect(bytes.equals(plain)).toBe(true);
      else expect(bytes).toMatchObject({ code: expect.stringMatching(/^(CORRUPT_ARCHIVE|UNSUPPORTED_COMPRESSION)$/) });
      if (!(bytes instanceof Buffer)) refusals++;
    }
    // not in a time stamp or the like
    expect(refusals).toBeGreaterThan((stored.length - 20) * 8);
  });

  test("end in CORRUPT_ARCHIVE where the checksum is another", async () => {
    const stored = Buffer.from(storedLarge);
    // of gzip the checksum of the contents, of zstd that of the frame; xz ends with two others
    const at = { gzip: 8, zstd: 4, xz: 12, bzip2: 4 }[format];
    stored.writeUInt8(stored.readUInt8(stored.length - at) ^ 0x10, stored.length - at);
    expect((await decompressionError(stored, open)).code).toBe("CORRUPT_ARCHIVE");
  });

  test("end in CORRUPT_ARCHIVE where something else comes after the end, after several streams, too", async () => {
    for (const junk of ["j", "junk", "junk that is longer than a header of any format would be"]) {
      for (const before of [storedLarge, Buffer.concat([pack(small), pack(small)])]) {
        const error = await decompressionError(Buffer.concat([before, Buffer.from(junk)]), open);
        expect(error.code).toBe("CORRUPT_ARCHIVE");
        expect(error.hint).toContain("make it again");
      }
    }
  });
});
