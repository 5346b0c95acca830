import { ImgstoreError } from "./errors.ts";
import { printable } from "./names.ts";

/** `sha256:` and 64 lower-case hex digits, of the stored bytes (a layer's digest) or of the plain tar (its diffId). */
export type Digest = `sha256:${string}`;

const DIGEST = /^(?:sha256:)?([0-9a-f]{64})$/;

/**
 * A digest, given with or without its `sha256:`.
 * @throws {ImgstoreError} INVALID_DIGEST
 */
export function parseDigest(text: string): Digest {
  const hex = DIGEST.exec(text)?.[1];
  if (hex !== undefined) return `sha256:${hex}`;
  throw new ImgstoreError("INVALID_DIGEST", `"${printable(text)}" is not a SHA-256 digest`, {
    hint: "64 lower-case hexadecimal digits, as `sha256sum FILE` prints them, with or without sha256: before them",
  });
}

/** The bare hexadecimal digits, as used in paths. */
export function hexOf(digest: Digest): string {
  return digest.slice("sha256:".length);
}
