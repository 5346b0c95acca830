import { type ErrorCode, ImgstoreError } from "../errors.ts";
import { printable } from "../names.ts";

type ArchiveErrorCode = Extract<
  ErrorCode,
  "CORRUPT_ARCHIVE" | "UNSAFE_ARCHIVE" | "LIMIT_EXCEEDED" | "UNSUPPORTED_LAYER" | "NO_IMAGE"
>;

/**
 * The error that an archive of images ends in where something in it is not as it has to be.
 * @param path of the document, blob or layer in the archive
 * @param problem what is wrong with it, as the end of a sentence
 */
export function refusal(code: ArchiveErrorCode, path: string, problem: string, cause?: unknown): ImgstoreError {
  return new ImgstoreError(code, `cannot take the image from the archive: "${printable(path)}" ${problem}`, {
    hint: HINTS[code],
    ...(cause === undefined ? {} : { cause }),
  });
}

const HINTS: Readonly<Record<ArchiveErrorCode, string>> = {
  CORRUPT_ARCHIVE: "the archive is damaged or was not made whole: save the image again",
  UNSAFE_ARCHIVE: "no tool that saves images writes this: do not trust where it comes from",
  LIMIT_EXCEEDED: "no image that can be mounted needs as much: look where the archive comes from",
  UNSUPPORTED_LAYER: "save the image with layers of plain, gzip or zstd tar whose bytes are in the archive",
  NO_IMAGE: "look for its kind with `tar -tf`: docker-archive has a manifest.json, oci-archive an index.json",
};
