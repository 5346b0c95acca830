import { BLOCK_BYTES, hasRightChecksum } from "../../../core/archive/header.ts";

/** How an archive can be stored. */
export type Format = "plain" | "gzip" | "zstd" | "xz" | "bzip2" | "lz4" | "lzip" | "compress";

/** Bytes that tell every format. */
export const SNIFFED_BYTES: number = BLOCK_BYTES;

/**
 * The format of a stored archive by its first bytes, whatever its name says. A tar's first name may begin as another
 * format does: a header that is one is believed first.
 */
export function formatOf(first: Uint8Array): Format {
  if (first.length === BLOCK_BYTES && hasRightChecksum(first, 0)) return "plain";
  return MAGICS.find(([, ...magic]) => magic.every((byte, index) => matches(byte, first[index])))?.[0] ?? "plain";
}

type Magic = readonly [Format, ...(number | readonly [number, number])[]];

const MAGICS: readonly Magic[] = [
  ["gzip", 0x1f, 0x8b],
  ["zstd", 0x28, 0xb5, 0x2f, 0xfd],
  // zstd's skippable frames, which may come first
  ["zstd", [0x50, 0x5f], 0x2a, 0x4d, 0x18],
  ["xz", 0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00],
  ["bzip2", 0x42, 0x5a, 0x68, [0x31, 0x39]],
  ["lz4", 0x04, 0x22, 0x4d, 0x18],
  ["lzip", 0x4c, 0x5a, 0x49, 0x50],
  ["compress", 0x1f, 0x9d],
];

function matches(expected: number | readonly [number, number], byte: number | undefined): boolean {
  if (byte === undefined) return false;
  return typeof expected === "number" ? byte === expected : byte >= expected[0] && byte <= expected[1];
}
