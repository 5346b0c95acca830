import { closeSync, openSync } from "node:fs";
import type { Progress } from "../../core/ports/image-rows.ts";
import type { ArrivingRequest, ArrivingTree, Unpacked } from "../../core/ports/layer-trees.ts";
import type { ExtractOrder } from "./extractor/messages.ts";
import { startExtraction } from "./extractor-process.ts";
import type { Extractors } from "./extractors.ts";
import { removeTree } from "./remove-tree.ts";

/**
 * A tree that is made of an archive while that is still being written.
 * @throws {SystemCallError} where the archive cannot be opened
 */
export function arrivingTree(
  extractors: Extractors,
  order: ExtractOrder,
  { name, signal, location }: ArrivingRequest,
): ArrivingTree {
  // Held open until the extractor has ended: the writer may be done with a small archive before that has begun.
  const held = openSync(location, "r");
  const dropped = new AbortController();
  const stop = AbortSignal.any([signal, dropped.signal]);
  let report: ((progress: Progress) => void) | null = null;
  let unpacked: Unpacked = { storedBytes: 0, plainBytes: 0 };
  const onProgress = (progress: Progress, plainBytes: number): void => {
    unpacked = { storedBytes: progress.doneBytes, plainBytes };
    report?.(progress);
  };
  const extraction = startExtraction(
    extractors.take(),
    { ...order, storedPath: `/proc/${process.pid}/fd/${held}` },
    { signal: stop, onProgress },
  );
  // it may fail long before anybody asks
  extraction.tree.catch(() => {}).finally(() => closeSync(held));
  return {
    get unpacked() {
      return unpacked;
    },
    arrived: (readableBytes, totalBytes) => extraction.arrived({ readableBytes, totalBytes, isAll: false }),
    finish: async (sizeBytes, onFurther) => {
      report = onFurther;
      extraction.arrived({ readableBytes: sizeBytes, totalBytes: sizeBytes, isAll: true });
      return { name, ...(await extraction.tree) };
    },
    drop: async () => {
      dropped.abort();
      await extraction.tree.then(
        () => removeTree(order.treePath),
        () => {},
      );
    },
  };
}
