import { createHash } from "node:crypto";
import { Budget } from "../../core/archive/budget.ts";
import { EntryParser } from "../../core/archive/entries.ts";
import { ImgstoreError } from "../../core/errors.ts";
import type { Progress } from "../../core/ports/image-rows.ts";
import { takeOwnCreationMask } from "../linux/creation-mask.ts";
import { inodeOf } from "../linux/inode.ts";
import { syncFileSystem } from "../linux/sync.ts";
import { BlobFile } from "./decompress/blob-file.ts";
import { openPlainBytes } from "./decompress/open-plain-bytes.ts";
import type { ExtractedTree, ExtractOrder } from "./extract-messages.ts";
import type { Newborn } from "./metadata.ts";
import { ownIds, withStagingRoot } from "./staging-root.ts";
import { TreeWriter } from "./tree-writer.ts";
import { unpackError } from "./unpack-error.ts";

/** How whoever waits for the tree takes part. */
export interface ExtractWatch {
  readonly isStopped: () => boolean;
  readonly onProgress: (progress: Progress) => void;
}

/**
 * Unpacks a stored archive into a new directory, all in this thread, and makes it durable. After a failure the directory
 * is gone, too, where it can be removed.
 * @throws {ImgstoreError} as LayerTrees.unpack
 */
export async function extractTree(order: ExtractOrder, watch: ExtractWatch): Promise<ExtractedTree> {
  const blob = new BlobFile(order.blobPath);
  try {
    const budget = new Budget(order.limits, blob.sizeBytes);
    return await withStagingRoot(order.treePath, async (root, spill) => {
      const newborn = takeNewborn();
      const tree = new TreeWriter(root, { budget, newborn, spill });
      try {
        const diffId = await feed(blob, { tree, budget, watch });
        tree.finish();
        syncFileSystem(root);
        return { inode: inodeOf(root).number, diffId, sizeBytes: budget.contentBytes };
      } finally {
        tree.close();
      }
    });
  } catch (error) {
    throw unpackError(error, null);
  } finally {
    blob.close();
  }
}

/** The digest is of the whole plain stream, with whatever comes after the archive's end. */
async function feed(
  blob: BlobFile,
  to: { readonly tree: TreeWriter; readonly budget: Budget; readonly watch: ExtractWatch },
): Promise<ExtractedTree["diffId"]> {
  const hash = createHash("sha256");
  const parser = new EntryParser(to.tree, to.budget);
  const plain = openPlainBytes(blob);
  try {
    const buffer = new Uint8Array(PLAIN_BYTES);
    for (let length = await plain.read(buffer); length > 0; length = await plain.read(buffer)) {
      if (to.watch.isStopped()) throw new ImgstoreError("INTERRUPTED", "unpacking was interrupted");
      const chunk = buffer.subarray(0, length);
      to.budget.takeStream(length);
      hash.update(chunk);
      parser.push(chunk);
      to.watch.onProgress({ doneBytes: blob.readBytes, totalBytes: blob.sizeBytes });
    }
  } finally {
    plain.close();
  }
  parser.finish();
  return `sha256:${hash.digest("hex")}`;
}

const PLAIN_BYTES = 256 * 1024;

function takeNewborn(): Newborn {
  return { ...ownIds(), isModeExact: takeOwnCreationMask() };
}
