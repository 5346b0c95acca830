import type { Digest } from "../../core/digests.ts";
import type { RecordedError } from "../../core/errors.ts";

/** Why an image is to be fetched again, as its status shows it until it has been. */

export function treeLost(diffId: Digest): RecordedError {
  return damaged(`the tree ${diffId} is not under images/`);
}

/** @param first what differs, as it may be shown */
export function treeDiffers(diffId: Digest, count: number, first: readonly string[]): RecordedError {
  const more = count > first.length ? `, and ${count - first.length} more` : "";
  return damaged(`the tree ${diffId} is not what its archive says: ${first.join("; ")}${more}`);
}

export function treeKnownDamaged(digest: Digest): RecordedError {
  return damaged(`the tree of ${digest} was found damaged, and is not unpacked again yet`);
}

export function blobDamaged(digest: Digest, problem: string): RecordedError {
  return { code: "BLOB_DAMAGED", message: `the stored blob ${digest} ${problem}`, hint: "it is fetched again" };
}

function damaged(message: string): RecordedError {
  return { code: "LAYER_DAMAGED", message, hint: "it is unmounted where nobody uses it, and unpacked again by itself" };
}
