import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { BlobFile } from "../../../../adapters/layers/decompress/blob-file.ts";
import { gzipDecoder } from "../../../../adapters/layers/decompress/gzip.ts";
import { openPlainBytes } from "../../../../adapters/layers/decompress/open-plain-bytes.ts";
import { archive, entry } from "../../../support/archive-builder.ts";
import { COMPRESSIONS, compressed } from "../../../support/compressed.ts";
import { allOf, decompressed } from "../../../support/decompressed.ts";
import { storedInPieces } from "../../../support/stored-pieces.ts";

const large = Buffer.alloc(600_000, "plain bytes; ");

let home = "";
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "imgstore-plain-bytes-"));
});
afterEach(() => rmSync(home, { recursive: true }));

function blobOf(stored: Uint8Array): BlobFile {
  writeFileSync(join(home, "blob"), stored);
  return new BlobFile(join(home, "blob"));
}

describe("openPlainBytes", () => {
  test.each(COMPRESSIONS)("reads a file by what it contains: %s", async (format) => {
    const blob = blobOf(compressed(format, large));
    try {
      expect((await allOf(openPlainBytes(blob), 100_000)).equals(large)).toBe(true);
      expect(blob.readBytes).toBe(blob.sizeBytes);
    } finally {
      blob.close();
    }
  });

  test("fills every slot of an archive that is not compressed, in whatever pieces it comes", async () => {
    const blob = blobOf(large);
    try {
      expect((await allOf(openPlainBytes(blob), 65_537)).equals(large)).toBe(true);
    } finally {
      blob.close();
    }
    for (const pieceBytes of [1, 7, 65_536]) {
      const stored = large.subarray(0, 100_000);
      expect((await allOf(openPlainBytes(storedInPieces(stored, pieceBytes)), 512)).equals(stored)).toBe(true);
    }
    expect(await decompressed(Buffer.alloc(0))).toHaveLength(0);
  });

  test("believes a tar's header before the first bytes of its first name", async () => {
    for (const name of ["BZh9", "LZIP"]) {
      const plain = archive(entry({ name }, "contents"));
      expect((await decompressed(plain)).equals(plain)).toBe(true);
    }
  });

  test("fills slots of a ring one after the other, and nothing else of it", async () => {
    const ring = new Uint8Array(new SharedArrayBuffer(8 * 1000));
    const plain = openPlainBytes(storedInPieces(compressed("zstd", large)));
    try {
      for (const index of [3, 0, 7]) {
        const before = Buffer.from(ring);
        const slot = ring.subarray(index * 1000, (index + 1) * 1000);
        expect(await plain.read(slot)).toBe(1000);
        before.set(slot, index * 1000);
        expect(before.equals(ring)).toBe(true);
      }
    } finally {
      plain.close();
    }
  });
});

test("gzipDecoder is libisal where it is installed", () => {
  expect(gzipDecoder()).toBe("libisal");
});
