import { Worker } from "node:worker_threads";
import { ImgstoreError } from "../../../core/errors.ts";
import type { StopSignal } from "../../../core/ports/abort-signal.ts";
import { entryFile } from "../../package-files.ts";
import type { TreeDifferences } from "./compare-trees.ts";

/** What a comparing thread is started with. */
export interface CompareOrder {
  readonly actualPath: string;
  readonly expectedPath: string;
}

/** What it says, once. */
export type CompareReport =
  | { readonly kind: "compared"; readonly differences: TreeDifferences }
  | { readonly kind: "failed"; readonly reason: string };

/**
 * Compares two trees off the event loop, as `compareTrees`.
 * @throws {ImgstoreError} INTERRUPTED when the signal fires, IO_ERROR (a disk that cannot be read; a tree that went away)
 */
export async function compareAside(order: CompareOrder, signal: StopSignal): Promise<TreeDifferences> {
  // what the program was started with is about its own first file
  const worker = new Worker(entryFile("adapters/layers/compare/compare-thread"), { workerData: order, execArgv: [] });
  const stop = (): void => void worker.terminate();
  if (signal.aborted) stop();
  signal.addEventListener("abort", stop);
  try {
    const report = await reportOf(worker);
    if (report?.kind === "compared") return report.differences;
    if (report === null && signal.aborted) throw new ImgstoreError("INTERRUPTED", "comparing was interrupted");
    const reason = report?.reason ?? "the comparing thread ended without a word";
    throw new ImgstoreError("IO_ERROR", `cannot compare "${order.actualPath}" with its archive: ${reason}`, {
      hint: "look into the kernel's log for errors of the disk",
    });
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

function reportOf(worker: Worker): Promise<CompareReport | null> {
  return new Promise((resolve, reject) => {
    let last: CompareReport | null = null;
    worker.on("message", (report: CompareReport) => {
      last = report;
    });
    worker.on("error", reject);
    worker.on("exit", () => resolve(last));
  });
}
