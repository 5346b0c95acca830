import type { Digest } from "../../core/digests.ts";
import { ImgstoreError } from "../../core/errors.ts";
import type { PartialBlob } from "../../core/ports/blobs.ts";
import type { StoredBlob } from "../../core/ports/image-rows.ts";

/**
 * Publishes a partial that is whole.
 * @param isResumed whether some of its bytes came with an earlier attempt
 * @throws {ImgstoreError} as PartialBlob.publish; SOURCE_CHANGED where resumed bytes do not have the digest
 */
export async function publishPartial(
  partial: PartialBlob,
  expected: Digest | null,
  isResumed: boolean,
): Promise<StoredBlob> {
  try {
    return await partial.publish(expected);
  } catch (error) {
    if (!isResumed || !(error instanceof ImgstoreError) || error.code !== "DIGEST_MISMATCH") throw error;
    // The two halves may be of two objects: only bytes that came in one piece can condemn a source.
    throw new ImgstoreError("SOURCE_CHANGED", `the resumed download does not have the digest ${expected}`, {
      cause: error,
      hint: "it is fetched again from the beginning",
    });
  }
}
