import { type ErrorCode, ImgstoreError } from "../../../core/errors.ts";
import type { BlobFile } from "./blob-file.ts";
import { formatOf, SNIFFED_BYTES } from "./formats.ts";

/**
 * The plain bytes of a stored archive, decompressed by what it contains. A chunk is only good until the next is asked
 * for, and may be empty. What the format needs of the system is loaded before this returns.
 * @throws {ImgstoreError} UNSUPPORTED_COMPRESSION, CORRUPT_ARCHIVE, IO_ERROR
 */
export function plainBytes(blob: BlobFile): AsyncIterable<Uint8Array> | Iterable<Uint8Array> {
  const format = formatOf(blob.peek(SNIFFED_BYTES));
  if (format === null) return asItIs(blob);
  if (format.decode === null) throw unsupported(format.name);
  return format.decode(blob);
}

/** Small enough to be hashed, parsed and written while it is in the processor's cache. */
const CHUNK_BYTES = 64 * 1024;

function* asItIs(blob: BlobFile): Generator<Uint8Array> {
  const buffer = new Uint8Array(CHUNK_BYTES);
  for (let chunk = blob.next(buffer); chunk !== null; chunk = blob.next(buffer)) yield chunk;
}

function unsupported(name: string): ImgstoreError {
  const code: ErrorCode = "UNSUPPORTED_COMPRESSION";
  return new ImgstoreError(code, `cannot decompress the archive: it is compressed with ${name}`, {
    hint: "compress it with gzip, zstd, xz or bzip2, or not at all",
  });
}
