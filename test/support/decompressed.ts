import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BlobFile } from "../../adapters/layers/decompress/blob-file.ts";
import { openPlainBytes } from "../../adapters/layers/decompress/open-plain-bytes.ts";
import type { PlainBytes } from "../../adapters/layers/decompress/plain-bytes.ts";
import { ImgstoreError } from "../../core/errors.ts";

/** Runs with a file of these bytes that is open as a stored blob. */
export async function withBlob<T>(stored: Uint8Array, use: (blob: BlobFile) => T | Promise<T>): Promise<T> {
  const home = mkdtempSync(join(tmpdir(), "imgstore-decompress-"));
  try {
    writeFileSync(join(home, "blob"), stored);
    const blob = new BlobFile(join(home, "blob"));
    try {
      return await use(blob);
    } finally {
      blob.close();
    }
  } finally {
    rmSync(home, { recursive: true });
  }
}

/** All plain bytes of a stored archive. */
export function decompressed(stored: Uint8Array): Promise<Buffer> {
  return withBlob(stored, (blob) => allOf(openPlainBytes(blob)));
}

/** All of the plain bytes, read in buffers of this size; they are closed, whatever came of it. */
export async function allOf(plain: PlainBytes, bufferBytes = 256 * 1024): Promise<Buffer> {
  const chunks: Buffer[] = [];
  try {
    const buffer = new Uint8Array(bufferBytes);
    for (let length = await plain.read(buffer); length > 0; length = await plain.read(buffer)) {
      chunks.push(Buffer.from(buffer.subarray(0, length)));
    }
    return Buffer.concat(chunks);
  } finally {
    plain.close();
  }
}

/** The error that decompressing ends in. @throws when it does not */
export async function decompressionError(stored: Uint8Array): Promise<ImgstoreError> {
  const error = await decompressed(stored).then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof ImgstoreError)) throw new Error("it was decompressed", { cause: error });
  return error;
}
