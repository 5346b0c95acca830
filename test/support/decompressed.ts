import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BlobFile } from "../../adapters/layers/decompress/blob-file.ts";
import { plainBytes } from "../../adapters/layers/decompress/plain-bytes.ts";
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
  return withBlob(stored, async (blob) => {
    const chunks: Buffer[] = [];
    for await (const chunk of plainBytes(blob)) chunks.push(Buffer.from(chunk));
    return Buffer.concat(chunks);
  });
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
