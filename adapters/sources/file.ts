import { printable } from "../../core/names.ts";
import type { OpenedSource, SourceRequest } from "../../core/ports/sources.ts";
import { interrupted } from "./interrupted.ts";
import { changed, type FileRead, RegularFile } from "./regular-file.ts";
import { tooLarge } from "./too-large.ts";

/**
 * Opens a regular file of this machine. Its validator is its identity, size and time of change, so the rest of another
 * file is never appended to the beginning of this one.
 * @throws {ImgstoreError} SOURCE_NOT_FOUND, SOURCE_FORBIDDEN, SOURCE_REFUSED (no regular file), SOURCE_UNAVAILABLE,
 *   IMAGE_TOO_LARGE, INTERRUPTED; the body SOURCE_CHANGED where the file is no longer the one that was opened
 */
export async function openFile(path: string, request: SourceRequest): Promise<OpenedSource> {
  if (request.signal.aborted) throw interrupted(printable(path), request.signal);
  const { validator, sizeBytes: totalBytes } = await lookAt(path);

  if (totalBytes > request.maxBytes) throw tooLarge(printable(path), totalBytes, request.maxBytes);
  const isResumable = request.offset <= totalBytes && (request.validator === null || request.validator === validator);
  const offset = isResumable ? request.offset : 0;
  return {
    offset,
    totalBytes,
    validator,
    body: readFrom(path, validator, { offset, end: totalBytes, signal: request.signal }),
    close: () => {},
  };
}

/** Looks and closes: it is opened again to be read, so that an opened source that nobody reads holds nothing. */
async function lookAt(path: string): Promise<Pick<RegularFile, "sizeBytes" | "validator">> {
  const file = await RegularFile.open(path);
  await file.close();
  return file;
}

async function* readFrom(path: string, validator: string, what: FileRead): AsyncGenerator<Uint8Array> {
  const file = await RegularFile.open(path);
  try {
    if (file.validator !== validator) throw changed(path);
    yield* file.read(what);
  } finally {
    await file.close();
  }
}
