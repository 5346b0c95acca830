import { BLOCK_BYTES, hasRightChecksum } from "../../../core/archive/header.ts";
import { openBzip2 } from "./bzip2.ts";
import { openGzip } from "./gzip.ts";
import type { PlainBytes } from "./plain-bytes.ts";
import type { StoredBytes } from "./stored-bytes.ts";
import { openXz } from "./xz.ts";
import { openZstd } from "./zstd.ts";

/** How an archive can be compressed. */
export interface Format {
  readonly name: string;
  /** Fails at once where the system lacks what it needs; null where nothing can decode it. */
  readonly open: ((stored: StoredBytes) => PlainBytes) | null;
}

/** Bytes that tell every format. */
export const SNIFFED_BYTES: number = BLOCK_BYTES;

/**
 * How a stored archive is compressed by its first bytes, whatever its name says; null where it is not. A tar's first
 * name may begin as a format does: a header that is one is believed first.
 */
export function formatOf(first: Uint8Array): Format | null {
  if (first.length === BLOCK_BYTES && hasRightChecksum(first, 0)) return null;
  return FORMATS.find(({ magic }) => magic.every((byte, index) => matches(byte, first[index]))) ?? null;
}

type Magic = readonly (number | readonly [least: number, most: number])[];

const FORMATS: readonly (Format & { readonly magic: Magic })[] = [
  { name: "gzip", magic: [0x1f, 0x8b], open: openGzip },
  { name: "zstd", magic: [0x28, 0xb5, 0x2f, 0xfd], open: openZstd },
  // zstd's skippable frames, which may come first
  { name: "zstd", magic: [[0x50, 0x5f], 0x2a, 0x4d, 0x18], open: openZstd },
  { name: "xz", magic: [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00], open: openXz },
  { name: "bzip2", magic: [0x42, 0x5a, 0x68, [0x31, 0x39]], open: openBzip2 },
  { name: "lz4", magic: [0x04, 0x22, 0x4d, 0x18], open: null },
  { name: "lzip", magic: [0x4c, 0x5a, 0x49, 0x50], open: null },
  { name: "compress", magic: [0x1f, 0x9d], open: null },
];

function matches(expected: Magic[number], byte: number | undefined): boolean {
  if (byte === undefined) return false;
  return typeof expected === "number" ? byte === expected : byte >= expected[0] && byte <= expected[1];
}
