import { openBzip2 } from "../../adapters/layers/decompress/bzip2.ts";
import { GZIP_DECODERS } from "../../adapters/layers/decompress/gzip.ts";
import type { PlainBytes } from "../../adapters/layers/decompress/plain-bytes.ts";
import type { StoredBytes } from "../../adapters/layers/decompress/stored-bytes.ts";
import { openXz } from "../../adapters/layers/decompress/xz.ts";
import { openZstd } from "../../adapters/layers/decompress/zstd.ts";
import type { Compression } from "./compressed.ts";

export interface Decoder {
  readonly name: string;
  readonly format: Compression;
  readonly open: (stored: StoredBytes) => PlainBytes;
}

/** Each of those for gzip, whichever this machine takes. */
const GZIP: readonly Decoder[] = GZIP_DECODERS.map(({ name, open }) => ({
  name: `gzip by ${name}`,
  format: "gzip",
  open,
}));

/** Every decoder there is. */
export const DECODERS: readonly Decoder[] = [
  ...GZIP,
  { name: "zstd", format: "zstd", open: openZstd },
  { name: "xz", format: "xz", open: openXz },
  { name: "bzip2", format: "bzip2", open: openBzip2 },
];
