import { BLOCK_BYTES, hasRightChecksum } from "../../../core/archive/header.ts";
import type { BlobFile } from "./blob-file.ts";
import { bunzip2 } from "./bzip2.ts";
import { gunzip } from "./gzip.ts";
import { unxz } from "./xz.ts";
import { unzstd } from "./zstd.ts";

/** How an archive can be compressed. */
export interface Format {
  readonly name: string;
  readonly decode: Decode | null;
}

/** Plain bytes, chunk by chunk, each good until the next is asked for. It may fail at once where it lacks something. */
export type Decode = (blob: BlobFile) => AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

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
  { name: "gzip", magic: [0x1f, 0x8b], decode: gunzip },
  { name: "zstd", magic: [0x28, 0xb5, 0x2f, 0xfd], decode: unzstd },
  // zstd's skippable frames, which may come first
  { name: "zstd", magic: [[0x50, 0x5f], 0x2a, 0x4d, 0x18], decode: unzstd },
  { name: "xz", magic: [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00], decode: unxz },
  { name: "bzip2", magic: [0x42, 0x5a, 0x68, [0x31, 0x39]], decode: bunzip2 },
  { name: "lz4", magic: [0x04, 0x22, 0x4d, 0x18], decode: null },
  { name: "lzip", magic: [0x4c, 0x5a, 0x49, 0x50], decode: null },
  { name: "compress", magic: [0x1f, 0x9d], decode: null },
];

function matches(expected: Magic[number], byte: number | undefined): boolean {
  if (byte === undefined) return false;
  return typeof expected === "number" ? byte === expected : byte >= expected[0] && byte <= expected[1];
}
