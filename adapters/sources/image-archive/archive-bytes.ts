import { createHash } from "node:crypto";
import { open, unlink } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import type { Digest } from "../../../core/digests.ts";
import { ImgstoreError } from "../../../core/errors.ts";
import { printable } from "../../../core/names.ts";
import type { ImageArchiveRequest } from "../../../core/ports/image-archives.ts";
import { storeError } from "../../blobs/store-error.ts";
import { corrupt, decompressError } from "../../layers/decompress/decompress-error.ts";
import { formatOf, SNIFFED_BYTES } from "../../layers/decompress/formats.ts";
import { codeOf } from "../../linux/errno.ts";
import { type FileRead, RegularFile } from "../regular-file.ts";
import { tooLarge } from "../too-large.ts";

/** An archive whose digest is right. */
export interface VerifiedArchive {
  /** Of the file as it was given. */
  readonly digest: Digest;
  /** Of the file as it was given. */
  readonly sizeBytes: number;
  /** Its plain bytes: the file itself, or what it decompresses to; the caller closes it. */
  readonly plain: RegularFile;
}

/**
 * Reads an archive's file whole and compares its digest. A gzip archive (`docker save | gzip`) is decompressed into a
 * file under `tmp/` of the store that has no name any more when this returns.
 * @throws {ImgstoreError} as ImageArchives.open
 */
export async function verifyArchive(
  path: string,
  root: string,
  request: ImageArchiveRequest,
): Promise<VerifiedArchive> {
  const file = await RegularFile.open(path);
  try {
    const { sizeBytes } = file;
    if (sizeBytes > request.maxBytes) throw tooLarge(printable(path), sizeBytes, request.maxBytes);
    const whole = { offset: 0, end: sizeBytes, signal: request.signal };
    const digest = await digestOfRange(file, whole, request.onBytes);
    if (request.expected !== null && request.expected !== digest) throw mismatch(path, request.expected, digest);
    const format = formatOf(await file.readAt(0, SNIFFED_BYTES));
    if (format === null) return { digest, sizeBytes, plain: file };
    if (format.name !== "gzip") throw unsupported(path, format.name);
    const plain = await gunzipped(file, whole, join(root, "tmp", `${request.attempt}.archive`), request.maxBytes);
    await file.close();
    return { digest, sizeBytes, plain };
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** The digest of a part of a file. @throws {ImgstoreError} as RegularFile.read */
export async function digestOfRange(
  file: RegularFile,
  range: FileRead,
  onBytes: (readBytes: number) => void = () => {},
): Promise<Digest> {
  const hash = createHash("sha256");
  let readBytes = 0;
  for await (const chunk of file.read(range)) {
    hash.update(chunk);
    readBytes += chunk.length;
    onBytes(readBytes);
  }
  return `sha256:${hash.digest("hex")}`;
}

async function gunzipped(file: RegularFile, whole: FileRead, path: string, maxBytes: number): Promise<RegularFile> {
  try {
    const handle = await open(path, "wx", 0o600);
    try {
      await pipeline(
        file.read(whole),
        createGunzip({ chunkSize: 256 * 1024 }),
        (plain: AsyncIterable<Buffer>) => bounded(plain, maxBytes, path),
        handle.createWriteStream(),
      );
      return await RegularFile.open(path);
    } finally {
      // It lives as long as it is open: nobody has to clear it away, whatever becomes of this process.
      await unlink(path);
    }
  } catch (error) {
    if (error instanceof Error && codeOf(error)?.startsWith("Z_")) {
      throw decompressError("gzip", corrupt(error.message), whole.end, error);
    }
    throw storeError(`decompress the archive into "${path}"`, error);
  }
}

async function* bounded(plain: AsyncIterable<Buffer>, maxBytes: number, path: string): AsyncGenerator<Buffer> {
  let sizeBytes = 0;
  for await (const chunk of plain) {
    sizeBytes += chunk.length;
    if (sizeBytes > maxBytes) throw tooLarge(path, sizeBytes, maxBytes);
    yield chunk;
  }
}

function mismatch(path: string, expected: Digest, actual: Digest): ImgstoreError {
  return new ImgstoreError("DIGEST_MISMATCH", `"${printable(path)}" has the digest ${actual}, not ${expected}`, {
    hint: "check the checksum, or whether the file has been replaced",
  });
}

function unsupported(path: string, format: string): ImgstoreError {
  return new ImgstoreError(
    "UNSUPPORTED_COMPRESSION",
    `cannot read "${printable(path)}": it is compressed with ${format}`,
    {
      hint: "an archive of images may be plain or compressed with gzip; its layers may be compressed with zstd, too",
    },
  );
}
