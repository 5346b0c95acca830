import { Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { ImgstoreError } from "../../../core/errors.ts";
import type { BlobFile } from "./blob-file.ts";
import { corrupt, decompressError } from "./decompress-error.ts";

/** Node's default of 16 KiB costs more than half of the speed; the other one is the stream's: how far it runs ahead. */
const OPTIONS = { chunkSize: 256 * 1024, highWaterMark: 1024 * 1024 };

/**
 * The plain bytes of a gzip file of one or several members, with zeros after them or not. They are inflated in the
 * runtime's thread pool, a few chunks ahead of whoever reads them.
 * @throws {ImgstoreError} CORRUPT_ARCHIVE, IO_ERROR
 */
export async function* gunzip(blob: BlobFile): AsyncGenerator<Uint8Array> {
  const gunzipped = createGunzip(OPTIONS);
  const stored = Readable.from(chunksOf(blob), { objectMode: true, highWaterMark: 1 });
  stored.on("error", (error) => gunzipped.destroy(error));
  stored.pipe(gunzipped);
  try {
    for await (const chunk of gunzipped) yield chunk;
  } catch (error) {
    if (error instanceof ImgstoreError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw decompressError("gzip", corrupt(reason), gunzipped.bytesWritten, error);
  } finally {
    stored.destroy();
    gunzipped.destroy();
  }
}

function* chunksOf(blob: BlobFile): Generator<Uint8Array> {
  for (let chunk = blob.next(); chunk !== null; chunk = blob.next()) yield chunk;
}
