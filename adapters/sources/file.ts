import { type BigIntStats, constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { type ErrorCode, ImgstoreError } from "../../core/errors.ts";
import { printable } from "../../core/names.ts";
import type { OpenedSource, SourceRequest } from "../../core/ports/sources.ts";
import { codeOf } from "../linux/errno.ts";
import { interrupted } from "./interrupted.ts";
import { tooLarge } from "./too-large.ts";

const CHUNK_BYTES = 256 * 1024;

/**
 * Opens a regular file of this machine. Its validator is its identity, size and time of change, so the rest of another
 * file is never appended to the beginning of this one.
 * @throws {ImgstoreError} SOURCE_NOT_FOUND, SOURCE_FORBIDDEN, SOURCE_REFUSED (no regular file), SOURCE_UNAVAILABLE,
 *   IMAGE_TOO_LARGE, INTERRUPTED; the body SOURCE_CHANGED where the file is no longer the one that was opened
 */
export async function openFile(path: string, request: SourceRequest): Promise<OpenedSource> {
  if (request.signal.aborted) throw interrupted(printable(path), request.signal);
  const stats = await statRegular(path);

  const totalBytes = Number(stats.size);
  if (totalBytes > request.maxBytes) throw tooLarge(printable(path), totalBytes, request.maxBytes);
  const validator = validatorOf(stats);
  const isResumable = request.offset <= totalBytes && (request.validator === null || request.validator === validator);
  const offset = isResumable ? request.offset : 0;
  return {
    offset,
    totalBytes,
    validator,
    body: readFrom({ path, offset, totalBytes, validator, signal: request.signal }),
    close: () => {},
  };
}

/** Looks and closes: it is opened again to be read, so that an opened source that nobody reads holds nothing. */
async function statRegular(path: string): Promise<BigIntStats> {
  const handle = await openRegular(path);
  try {
    return await handle.stat({ bigint: true });
  } finally {
    await handle.close();
  }
}

interface Reading {
  readonly path: string;
  readonly offset: number;
  readonly totalBytes: number;
  readonly validator: string;
  readonly signal: AbortSignal;
}

async function* readFrom({ path, offset, totalBytes, validator, signal }: Reading): AsyncGenerator<Uint8Array> {
  const handle = await openRegular(path);
  try {
    let position = offset;
    while (position < totalBytes) {
      if (signal.aborted) throw interrupted(printable(path), signal);
      const chunk = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, totalBytes - position));
      const bytesRead = await readAt(handle, chunk, position, path);
      if (bytesRead === 0) throw changed(path);
      position += bytesRead;
      yield chunk.subarray(0, bytesRead);
    }
    // Looked at last, so that it vouches for every byte before it.
    if (validatorOf(await handle.stat({ bigint: true })) !== validator) throw changed(path);
  } finally {
    await handle.close();
  }
}

async function openRegular(path: string): Promise<FileHandle> {
  // O_NONBLOCK, because opening a FIFO would wait for its writer.
  const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY).catch((error) => {
    throw fileError(error, path);
  });
  const stats = await handle.stat();
  if (stats.isFile()) return handle;
  await handle.close();
  const kind = stats.isDirectory() ? "a directory" : "not a regular file";
  throw new ImgstoreError("SOURCE_REFUSED", `cannot read "${printable(path)}": it is ${kind}`, {
    hint: "give the path of a tar, plain or compressed",
  });
}

async function readAt(handle: FileHandle, chunk: Buffer, position: number, path: string): Promise<number> {
  try {
    return (await handle.read(chunk, 0, chunk.byteLength, position)).bytesRead;
  } catch (error) {
    throw fileError(error, path);
  }
}

function validatorOf(stats: BigIntStats): string {
  return `file:${stats.dev}:${stats.ino}:${stats.size}:${stats.mtimeNs}`;
}

function changed(path: string): ImgstoreError {
  return new ImgstoreError("SOURCE_CHANGED", `"${printable(path)}" changed while it was read`, {
    hint: "it is read again from the beginning; write it elsewhere and rename it into place",
  });
}

const FILE_ERRORS: Readonly<Record<string, { readonly code: ErrorCode; readonly words: string }>> = {
  ENOENT: { code: "SOURCE_NOT_FOUND", words: "there is no such file" },
  ENOTDIR: { code: "SOURCE_NOT_FOUND", words: "a part of the path is not a directory" },
  EACCES: { code: "SOURCE_FORBIDDEN", words: "permission is denied" },
  EPERM: { code: "SOURCE_FORBIDDEN", words: "permission is denied" },
  ELOOP: { code: "SOURCE_REFUSED", words: "its symbolic links lead in a circle" },
  ENAMETOOLONG: { code: "SOURCE_REFUSED", words: "the name is too long" },
  ENXIO: { code: "SOURCE_REFUSED", words: "it is not a regular file" },
  EIO: { code: "SOURCE_UNAVAILABLE", words: "the device reports an error" },
  ESTALE: { code: "SOURCE_UNAVAILABLE", words: "the file server no longer knows it" },
  EMFILE: { code: "SOURCE_UNAVAILABLE", words: "this process has too many open files" },
  ENFILE: { code: "SOURCE_UNAVAILABLE", words: "this machine has too many open files" },
};

/** A failed call on the file as what it means for the image; anything else stays what it is. */
function fileError(thrown: unknown, path: string): unknown {
  const known = FILE_ERRORS[codeOf(thrown) ?? ""];
  if (known === undefined) return thrown;
  return new ImgstoreError(known.code, `cannot read "${printable(path)}": ${known.words}`, { cause: thrown });
}
