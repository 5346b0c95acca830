import { ImgstoreError } from "../errors.ts";
import { printable } from "../names.ts";

/** How the images lie in an archive: as `docker save` writes them, or as an OCI image layout. */
export type ImageArchiveFormat = "docker" | "oci";

/** A file of this machine that holds images, of which one is meant. */
export interface ImageArchiveSource {
  readonly kind: "image-archive";
  readonly format: ImageArchiveFormat;
  /** Absolute. */
  readonly path: string;
  /** A tag, a name with its tag, or `@N` for the image at that position; null where there is but one. */
  readonly tag: string | null;
}

/** The first colon ends the path, as in all tools that know these sources; a tag may hold further ones. */
const ARCHIVE = /^(docker|oci)-archive:([^:]*)(?::(.*))?$/is;

const TAG = /^(?:@\d{1,6}|\w[\w.:/@+-]{0,511})$/;

/**
 * `docker-archive:PATH[:TAG]` or `oci-archive:PATH[:TAG]` with an absolute path; null for what is neither.
 * @throws {ImgstoreError} INVALID_SOURCE
 * @see containers-transports(5)
 */
export function parseImageArchive(text: string): ImageArchiveSource | null {
  const [, format, path, tag = null] = ARCHIVE.exec(text) ?? [];
  if (format === undefined || path === undefined) return null;
  if (!path.startsWith("/")) throw invalid(text, "it has no absolute path");
  if (tag !== null && !TAG.test(tag)) throw invalid(text, `"${printable(tag)}" after the path is no tag`);
  return { kind: "image-archive", format: format.toLowerCase() === "docker" ? "docker" : "oci", path, tag };
}

/** The same source with its path made absolute; anything else as it is. */
export function withAbsoluteArchive(text: string, absolute: (path: string) => string): string {
  const [, format, path, tag] = ARCHIVE.exec(text) ?? [];
  if (format === undefined || path === undefined || path === "") return text;
  return `${format.toLowerCase()}-archive:${absolute(path)}${tag === undefined ? "" : `:${tag}`}`;
}

function invalid(text: string, problem: string): ImgstoreError {
  return new ImgstoreError("INVALID_SOURCE", `"${printable(text)}" is not a source: ${problem}`, {
    hint: "docker-archive:PATH[:TAG] or oci-archive:PATH[:TAG]; the first colon ends PATH: link a path with one elsewhere",
  });
}
