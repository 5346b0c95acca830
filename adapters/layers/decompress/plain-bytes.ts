import { type ErrorCode, ImgstoreError } from "../../../core/errors.ts";
import type { BlobFile } from "./blob-file.ts";
import { type Format, formatOf, SNIFFED_BYTES } from "./formats.ts";
import { gunzip } from "./gzip.ts";

/**
 * The plain bytes of a stored archive, decompressed by what it contains. A chunk is only good until the next is asked for.
 * @throws {ImgstoreError} UNSUPPORTED_COMPRESSION, CORRUPT_ARCHIVE, IO_ERROR
 */
export function plainBytes(blob: BlobFile): AsyncIterable<Uint8Array> | Iterable<Uint8Array> {
  const format = formatOf(blob.peek(SNIFFED_BYTES));
  const open = DECODERS[format];
  if (open !== null) return open(blob);
  throw unsupported(format);
}

type Decoder = (blob: BlobFile) => AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

const DECODERS: Readonly<Record<Format, Decoder | null>> = {
  plain: asItIs,
  gzip: gunzip,
  zstd: null,
  xz: null,
  bzip2: null,
  lz4: null,
  lzip: null,
  compress: null,
};

/** Small enough to be hashed, parsed and written while it is in the processor's cache. */
const CHUNK_BYTES = 64 * 1024;

function* asItIs(blob: BlobFile): Generator<Uint8Array> {
  const buffer = new Uint8Array(CHUNK_BYTES);
  for (let chunk = blob.next(buffer); chunk !== null; chunk = blob.next(buffer)) yield chunk;
}

function unsupported(format: Format): ImgstoreError {
  const code: ErrorCode = "UNSUPPORTED_COMPRESSION";
  return new ImgstoreError(code, `cannot decompress the archive: it is compressed with ${format}`, {
    hint: "compress it with gzip, or not at all",
  });
}
