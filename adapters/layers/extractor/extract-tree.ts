import { createHash } from "node:crypto";
import type { Digest } from "../../../core/digests.ts";
import { openPlainBytes } from "../decompress/open-plain-bytes.ts";
import type { PlainBytes } from "../decompress/plain-bytes.ts";
import { unpackError } from "../tree/unpack-error.ts";
import type { ExtractedTree, ExtractOrder, ExtractProgress } from "./messages.ts";
import { makeStagingRoot } from "./staging-root.ts";
import type { StoredArchive } from "./stored-archive.ts";
import { TimedBytes } from "./timed-bytes.ts";
import { buildAside, buildHere, type TreeTarget } from "./tree-target.ts";

/** Archives of which less is stored are unpacked before a second thread would be there. */
const THREAD_WORTHWHILE_BYTES = 2 * 2 ** 20;

/**
 * Unpacks a stored archive into a new directory and makes it durable: decodes and hashes it in this thread, and makes the
 * tree in another one where that is worthwhile. What a failure leaves is the caller's to remove.
 * @throws {ImgstoreError} as LayerTrees.unpack
 */
export async function extractTree(
  order: ExtractOrder,
  stored: StoredArchive,
  onProgress: (progress: ExtractProgress) => void,
): Promise<ExtractedTree> {
  try {
    makeStagingRoot(order.treePath);
    // What the format needs is loaded now, while there is a way to it; and the first bytes tell how many there will be.
    const plain = openPlainBytes(new TimedBytes(stored, order.limits));
    const target = isThreadWorthwhile(stored) ? buildAside(order) : buildHere(order);
    const diffId = await decode(plain, target, stored, onProgress);
    return { diffId, ...target.finish() };
  } catch (error) {
    throw unpackError(error, null);
  }
}

function isThreadWorthwhile({ totalBytes }: StoredArchive): boolean {
  return totalBytes === null || totalBytes >= THREAD_WORTHWHILE_BYTES;
}

/** The digest is of the whole plain stream, with whatever comes after the archive's end. */
async function decode(
  plain: PlainBytes,
  target: TreeTarget,
  stored: StoredArchive,
  onProgress: (progress: ExtractProgress) => void,
): Promise<Digest> {
  const hash = createHash("sha256");
  let plainBytes = 0;
  try {
    for (;;) {
      const piece = target.take();
      const filled = plain.read(piece);
      const length = typeof filled === "number" ? filled : await filled;
      if (length === 0) return `sha256:${hash.digest("hex")}`;
      hash.update(piece.subarray(0, length));
      target.put(length, stored.sizeBytes);
      plainBytes += length;
      onProgress({ progress: { doneBytes: stored.readBytes, totalBytes: stored.totalBytes }, plainBytes });
    }
  } catch (error) {
    // what is wrong with the bytes that were read comes before what cannot be read
    throw target.giveUp() ?? error;
  }
}
