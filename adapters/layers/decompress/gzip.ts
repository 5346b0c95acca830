import type { GzipDecoder, GzipDecoderName } from "./gzip-decoder.ts";
import { isalDecoder } from "./libisal.ts";
import { libzDecoder } from "./libz.ts";
import { nodeDecoder } from "./node-gunzip.ts";
import type { PlainBytes } from "./plain-bytes.ts";
import type { StoredBytes } from "./stored-bytes.ts";

/** The plain bytes of a gzip file, by the fastest decoder that is here. */
export function openGzip(stored: StoredBytes): PlainBytes {
  return fastest().open(stored);
}

/** Which one decodes gzip on this machine; loads it. */
export function gzipDecoder(): GzipDecoderName {
  return fastest().name;
}

/** The fastest one first (twice as fast as the others), the one that is always here last. */
export const GZIP_DECODERS: readonly GzipDecoder[] = [isalDecoder, libzDecoder, nodeDecoder];

function fastest(): GzipDecoder {
  return GZIP_DECODERS.find(({ isHere }) => isHere()) ?? nodeDecoder;
}
