import { crc32, deflateRawSync, gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { GZIP_DECODERS } from "../../../../adapters/layers/decompress/gzip.ts";
import { allOf, decompressed, decompressionError } from "../../../support/decompressed.ts";
import { storedInPieces } from "../../../support/stored-pieces.ts";

const plain = Buffer.from("plain bytes, and plain bytes again");

/** Z_FIXED and Z_HUFFMAN_ONLY. */
const FIXED = 4;
const HUFFMAN_ONLY = 2;

const TEXT = 0x01;
const HEADER_CHECKSUM = 0x02;
const EXTRA = 0x04;
const NAME = 0x08;
const COMMENT = 0x10;

interface Header {
  readonly flags: number;
  readonly method?: number;
  readonly extra?: Buffer;
  /** Added to the right one. */
  readonly checksumError?: number;
}

/** A member with such a header before the plain bytes. @see RFC 1952, 2.3 */
function member({ flags, method = 8, extra = Buffer.from("extra\0extra"), checksumError = 0 }: Header): Buffer {
  const extraBytes = Buffer.alloc(2);
  extraBytes.writeUInt16LE(extra.length);
  const header = Buffer.concat([
    Buffer.from([0x1f, 0x8b, method, flags, 1, 2, 3, 4, 0, 3]),
    ...((flags & EXTRA) === 0 ? [] : [extraBytes, extra]),
    ...((flags & NAME) === 0 ? [] : [Buffer.from("a name\0")]),
    ...((flags & COMMENT) === 0 ? [] : [Buffer.from("\0")]),
  ]);
  const checksum = Buffer.alloc(2);
  checksum.writeUInt16LE(((crc32(header) & 0xffff) + checksumError) & 0xffff);
  const trailer = Buffer.alloc(8);
  trailer.writeUInt32LE(crc32(plain), 0);
  trailer.writeUInt32LE(plain.length, 4);
  return Buffer.concat([
    header,
    ...((flags & HEADER_CHECKSUM) === 0 ? [] : [checksum]),
    deflateRawSync(plain),
    trailer,
  ]);
}

const everyHeader = Array.from({ length: 32 }, (_, flags) => member({ flags }));

describe.each(GZIP_DECODERS)("gzip by $name", ({ isHere, open }) => {
  test("is here", () => {
    expect(isHere()).toBe(true);
  });

  test("reads past whatever a header has, in whatever pieces it comes", async () => {
    for (const stored of everyHeader) {
      for (let pieceBytes = 1; pieceBytes <= stored.length; pieceBytes++) {
        expect(await allOf(open(storedInPieces(stored, pieceBytes)))).toEqual(plain);
      }
    }
    const all = Buffer.concat(everyHeader);
    const expected = Buffer.concat(everyHeader.map(() => plain));
    for (const pieceBytes of [1, 7, 4096]) {
      expect(await allOf(open(storedInPieces(all, pieceBytes)), 512)).toEqual(expected);
    }
  });

  test("reads past a header that is longer than a buffer", async () => {
    const extra = Buffer.alloc(65_535, 1);
    const name = Buffer.alloc(700_000, "n");
    const [first, last] = [member({ flags: EXTRA | HEADER_CHECKSUM, extra }), member({ flags: NAME })];
    const named = Buffer.concat([last.subarray(0, 10), name, last.subarray(10)]);
    expect(await decompressed(Buffer.concat([first, named]), open)).toEqual(Buffer.concat([plain, plain]));
  });

  test("refuses a header whose checksum is another, of a second member, too", async () => {
    for (const checksumError of [1, 0x100, 0x8000]) {
      const wrong = member({ flags: HEADER_CHECKSUM | EXTRA | NAME | COMMENT | TEXT, checksumError });
      for (const stored of [wrong, Buffer.concat([gzipSync(plain), wrong])]) {
        expect((await decompressionError(stored, open)).code).toBe("CORRUPT_ARCHIVE");
      }
    }
  });

  test("refuses another method and flags that nobody knows", async () => {
    for (const header of [{ flags: 0, method: 7 }, { flags: 0x20 }, { flags: 0x40 }, { flags: 0x80 }]) {
      expect((await decompressionError(member(header), open)).code).toBe("CORRUPT_ARCHIVE");
    }
  });

  test("refuses a checksum and a length that are others, in any byte, of any member", async () => {
    const right = gzipSync(plain);
    for (let at = 1; at <= 8; at++) {
      const wrong = Buffer.from(right);
      wrong.writeUInt8(wrong.readUInt8(wrong.length - at) ^ 0x80, wrong.length - at);
      for (const stored of [wrong, Buffer.concat([right, wrong]), Buffer.concat([wrong, right])]) {
        expect((await decompressionError(stored, open)).code).toBe("CORRUPT_ARCHIVE");
      }
    }
  });

  test("takes zeros after the last member, as tapes and devices need them", async () => {
    for (const zeros of [1, 700, 262_143, 262_144, 600_000]) {
      const stored = Buffer.concat([gzipSync(plain), gzipSync(plain), Buffer.alloc(zeros)]);
      expect(await decompressed(stored, open)).toEqual(Buffer.concat([plain, plain]));
      expect(await allOf(open(storedInPieces(stored.subarray(0, 1000), 1)))).toEqual(Buffer.concat([plain, plain]));
    }
  });

  test("refuses what comes after zeros, another member, too", async () => {
    for (const zeros of [1, 700, 262_144, 600_000]) {
      for (const after of [Buffer.from("junk"), gzipSync(plain), Buffer.from([0x1f])]) {
        const stored = Buffer.concat([gzipSync(plain), Buffer.alloc(zeros), after]);
        expect((await decompressionError(stored, open)).code).toBe("CORRUPT_ARCHIVE");
      }
    }
  });

  test("refuses what comes after a member, however it begins and wherever it is cut", async () => {
    for (const after of [[0x1f], [0x1f, 0x8b], [0x1f, 0x8c, 8, 0], [0x1f, 0], [0x8b, 0x1f], [1]]) {
      const stored = Buffer.concat([gzipSync(plain), Buffer.from(after)]);
      for (const pieceBytes of [1, gzipSync(plain).length, stored.length]) {
        const reading = allOf(open(storedInPieces(stored, pieceBytes)));
        await expect(reading).rejects.toMatchObject({ code: "CORRUPT_ARCHIVE" });
      }
    }
  });

  test("decodes every kind of block", async () => {
    const random = Buffer.from(Array.from({ length: 300_000 }, (_, i) => (Math.imul(i, 2_654_435_761) >>> 13) & 0xff));
    const text = Buffer.alloc(300_000, "some text, and some more text; ");
    const stored = [
      gzipSync(random, { level: 0 }),
      gzipSync(random, { level: 9 }),
      gzipSync(text, { strategy: FIXED }),
      gzipSync(text, { strategy: HUFFMAN_ONLY }),
      gzipSync(text, { level: 9, memLevel: 1 }),
      gzipSync(text, { windowBits: 9 }),
    ];
    const expected = Buffer.concat([random, random, text, text, text, text]);
    expect((await decompressed(Buffer.concat(stored), open)).equals(expected)).toBe(true);
  });
});
