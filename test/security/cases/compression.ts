import { crc32, gzipSync } from "node:zlib";
import { archive, entry } from "../../support/archive-builder.ts";
import { COMPRESSIONS, compressed } from "../../support/compressed.ts";
import { accepted, each, type HostileCases, refusedWhole } from "../../support/hostile/hostile-case.ts";

const ARCHIVE = archive(entry({ name: "a" }, "x"));
const [FIRST, SECOND] = [ARCHIVE.subarray(0, 700), ARCHIVE.subarray(700)];
const TREE = { a: 'file 644 "x"' };
const JUNK = Buffer.from("junk behind it");
/** A zstd frame that decoders pass over, of 4 bytes. */
const SKIPPABLE = Buffer.from("502a4d1804000000deadbeef", "hex");

/** Compressed streams that would make their decoder take memory or time without end, or that end twice. */
export const compression: HostileCases = () => [
  ...each(COMPRESSIONS, (format) => ({
    name: `${format} of several members is one archive`,
    archive: Buffer.concat([compressed(format, FIRST), compressed(format, SECOND)]),
    outcome: accepted(TREE),
  })),
  ...each(COMPRESSIONS, (format) => ({
    name: `${format} of 2000 empty members before the archive`,
    archive: Buffer.concat([...Array.from({ length: 2000 }, () => EMPTY[format]), compressed(format, ARCHIVE)]),
    outcome: accepted(TREE),
  })),
  ...each(COMPRESSIONS, (format) => ({
    name: `${format} of nothing`,
    archive: compressed(format, Buffer.alloc(0)),
    outcome: refusedWhole("EMPTY_ARCHIVE"),
  })),
  ...each(COMPRESSIONS, (format) => ({
    name: `${format} that is cut short`,
    archive: compressed(format, ARCHIVE).subarray(0, -3),
    outcome: refusedWhole("CORRUPT_ARCHIVE", format),
  })),
  ...each(COMPRESSIONS, (format) => ({
    name: `${format} with a flipped bit`,
    archive: withFlippedBit(compressed(format, ARCHIVE, format === "zstd" ? ["--check"] : [])),
    outcome: refusedWhole("CORRUPT_ARCHIVE", format),
  })),
  ...each(COMPRESSIONS, (format) => ({
    name: `junk behind ${format}`,
    archive: Buffer.concat([compressed(format, ARCHIVE), JUNK]),
    outcome: refusedWhole("CORRUPT_ARCHIVE", format),
  })),
  ...each(COMPRESSIONS, (format) => ({
    name: `${format} in ${format}: only the outer one is taken off`,
    archive: compressed(format, compressed(format, ARCHIVE)),
    outcome: refusedWhole("NOT_A_TAR"),
  })),
  {
    name: "zeros behind gzip, as tapes have them",
    archive: Buffer.concat([gzipSync(ARCHIVE), Buffer.alloc(700)]),
    outcome: accepted(TREE),
  },
  {
    name: "gzip with a name, a comment and more in its header",
    archive: withGzipFields(gzipSync(ARCHIVE)),
    outcome: accepted(TREE),
  },
  {
    name: "zstd with frames to pass over, before, between and behind",
    archive: Buffer.concat([SKIPPABLE, compressed("zstd", FIRST), SKIPPABLE, compressed("zstd", SECOND), SKIPPABLE]),
    outcome: accepted(TREE),
  },
  {
    name: "zstd with a window of 2 GiB",
    archive: zstdFrame(21),
    outcome: refusedWhole("UNSUPPORTED_COMPRESSION", "its window is larger than 64 MiB"),
  },
  {
    name: "zstd with a window of 128 MiB",
    archive: zstdFrame(17),
    outcome: refusedWhole("UNSUPPORTED_COMPRESSION", "its window is larger than 64 MiB"),
  },
  {
    name: "zstd with a window of 64 MiB, the largest",
    archive: zstdFrame(16),
    outcome: accepted(TREE),
  },
  {
    name: "xz with a dictionary of 4 GiB",
    archive: withXzDictionary(compressed("xz", ARCHIVE), 40),
    outcome: refusedWhole("UNSUPPORTED_COMPRESSION", "its dictionary is larger than 64 MiB"),
  },
  {
    name: "xz with a dictionary of 64 MiB, as xz -9 has",
    archive: withXzDictionary(compressed("xz", ARCHIVE), 28),
    outcome: accepted(TREE),
  },
  ...each(
    [
      ["lz4", [0x04, 0x22, 0x4d, 0x18]],
      ["lzip", [0x4c, 0x5a, 0x49, 0x50]],
      ["compress", [0x1f, 0x9d]],
    ] as const,
    ([format, magic]) => ({
      name: `${format}, which there is no decoder for`,
      archive: Buffer.concat([Buffer.from(magic), JUNK]),
      outcome: refusedWhole("UNSUPPORTED_COMPRESSION", `it is compressed with ${format}`),
    }),
  ),
];

const EMPTY = {
  gzip: gzipSync(""),
  zstd: compressed("zstd", Buffer.alloc(0)),
  xz: compressed("xz", Buffer.alloc(0)),
  bzip2: compressed("bzip2", Buffer.alloc(0)),
} as const;

/** In the middle, where contents are. */
function withFlippedBit(stored: Buffer): Buffer {
  const damaged = Buffer.from(stored);
  const middle = damaged.length >> 1;
  damaged[middle] = (damaged[middle] ?? 0) ^ 1;
  return damaged;
}

/** @see RFC 1952, 2.3 */
function withGzipFields(stored: Buffer): Buffer {
  const [extra, name, comment, rest] = ["\u0004\0ABCD", "../../etc/passwd\0", "comment\0", stored.subarray(10)];
  const header = Buffer.from(stored.subarray(0, 10));
  header[3] = 0x04 | 0x08 | 0x10;
  return Buffer.concat([header, Buffer.from(`${extra}${name}${comment}`, "latin1"), rest]);
}

/** The archive in one raw block of a frame with a window of 2^(10 + exponent) bytes. @see RFC 8878, 3.1.1 */
function zstdFrame(exponent: number): Buffer {
  const block = Buffer.alloc(3);
  block.writeUIntLE((ARCHIVE.length << 3) | 1, 0, 3);
  return Buffer.concat([Buffer.from("28b52ffd00", "hex"), Buffer.from([exponent << 3]), block, ARCHIVE]);
}

/** The same stream, whose block says that it needs another dictionary. @see the .xz file format, 3.1 and 5.3.1 */
function withXzDictionary(stored: Buffer, size: number): Buffer {
  const changed = Buffer.from(stored);
  const start = 12;
  const length = ((changed[start] ?? 0) + 1) * 4;
  // size, flags, the filter's id (LZMA2), the size of its properties, its property
  changed[start + 4] = size;
  changed.writeUInt32LE(crc32(changed.subarray(start, start + length - 4)), start + length - 4);
  return changed;
}
