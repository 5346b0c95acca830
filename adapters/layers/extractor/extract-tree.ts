import { createHash } from "node:crypto";
import { Budget } from "../../../core/archive/budget.ts";
import { EntryParser } from "../../../core/archive/entries.ts";
import type { Digest } from "../../../core/digests.ts";
import type { Progress } from "../../../core/ports/image-rows.ts";
import { confineThread } from "../../linux/confine.ts";
import { inodeOf } from "../../linux/inode.ts";
import { syncFileSystem } from "../../linux/sync.ts";
import { loadCodecs } from "../decompress/load-codecs.ts";
import { openPlainBytes } from "../decompress/open-plain-bytes.ts";
import type { PlainBytes } from "../decompress/plain-bytes.ts";
import { NO_QUEUE } from "../tree/file-queue.ts";
import { TreeWriter } from "../tree/tree-writer.ts";
import { unpackError } from "../tree/unpack-error.ts";
import type { ExtractedTree, ExtractOrder } from "./messages.ts";
import { takeNewborn } from "./newborn.ts";
import { createSlotMemory, PlainSlots } from "./plain-slots.ts";
import { makeStagingRoot } from "./staging-root.ts";
import { startWriter } from "./start-writer.ts";
import type { StoredArchive } from "./stored-archive.ts";
import type { WriterQueue } from "./writer-queue.ts";

/** Archives of which less is stored are unpacked before a second thread would be there. */
export const WRITER_WORTHWHILE_BYTES: number = 2 * 2 ** 20;

/**
 * Unpacks a stored archive into a new directory and makes it durable. What a failure leaves is the caller's to remove.
 * @throws {ImgstoreError} as LayerTrees.unpack
 */
export async function extractTree(
  order: ExtractOrder,
  stored: StoredArchive,
  onProgress: (progress: Progress) => void,
): Promise<ExtractedTree> {
  try {
    // while there is a way to the files they are in
    loadCodecs();
    const { spill } = makeStagingRoot(order.treePath);
    const plain = openPlainBytes(stored);
    const slots = createSlotMemory();
    const writer = isWriterWorthwhile(stored) ? startWriter(slots, order.treePath) : null;
    const newborn = takeNewborn();
    const { root } = confineThread(order.treePath);
    const budget = new Budget(order.limits, () => stored.sizeBytes);
    const tree = new TreeWriter(root, { budget, newborn, spill, files: writer ?? NO_QUEUE });
    const diffId = await feed(stored, plain, { tree, budget, slots: new PlainSlots(slots), writer, onProgress });
    tree.finish();
    syncFileSystem(root);
    const { count: skippedDevices, firstNames: firstSkipped } = tree.skipped;
    return { inode: inodeOf(root).number, diffId, sizeBytes: budget.contentBytes, skippedDevices, firstSkipped };
  } catch (error) {
    throw unpackError(error, null);
  }
}

function isWriterWorthwhile({ totalBytes }: StoredArchive): boolean {
  return totalBytes === null || totalBytes >= WRITER_WORTHWHILE_BYTES;
}

interface Feeding {
  readonly tree: TreeWriter;
  readonly budget: Budget;
  readonly slots: PlainSlots;
  readonly writer: WriterQueue | null;
  readonly onProgress: (progress: Progress) => void;
}

/** The digest is of the whole plain stream, with whatever comes after the archive's end. */
async function feed(
  stored: StoredArchive,
  plain: PlainBytes,
  { tree, budget, slots, writer, onProgress }: Feeding,
): Promise<Digest> {
  const hash = createHash("sha256");
  const parser = new EntryParser(tree, budget);
  const startedAtMs = performance.now();
  for (;;) {
    const slot = slots.take((position) => writer?.waitUntil(position));
    const filled = plain.read(slot);
    const length = typeof filled === "number" ? filled : await filled;
    if (length === 0) break;
    const bytes = slot.subarray(0, length);
    budget.takeStream(length);
    budget.checkTime(performance.now() - startedAtMs - stored.waitedMs);
    hash.update(bytes);
    parser.push(bytes);
    slots.used(writer?.position ?? 0);
    writer?.show();
    onProgress({ doneBytes: stored.readBytes, totalBytes: stored.totalBytes });
  }
  parser.finish();
  return `sha256:${hash.digest("hex")}`;
}
