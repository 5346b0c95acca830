import { Worker } from "node:worker_threads";
import { ImgstoreError } from "../../core/errors.ts";
import type { ArchiveLimits } from "../../core/limits.ts";
import type { StopSignal } from "../../core/ports/abort-signal.ts";
import type { Progress } from "../../core/ports/image-rows.ts";
import { entryFile } from "../package-files.ts";
import type { ExtractedTree, ExtractOrder, ExtractReport } from "./extractor/messages.ts";
import { removeTree } from "./remove-tree.ts";

export interface ExtractRequest {
  readonly blobPath: string;
  /** Must not be there yet. */
  readonly treePath: string;
  readonly limits: ArchiveLimits;
  readonly signal: StopSignal;
  readonly onProgress: (progress: Progress) => void;
}

/**
 * Unpacks a stored archive in a thread of its own; whole and durable when it returns, and gone when it throws.
 * @throws {ImgstoreError} as LayerTrees.unpack
 */
export async function extract(request: ExtractRequest): Promise<ExtractedTree> {
  try {
    return await runThread(request);
  } catch (error) {
    await removeTree(request.treePath);
    throw error;
  }
}

async function runThread({ signal, onProgress, ...rest }: ExtractRequest): Promise<ExtractedTree> {
  if (signal.aborted) throw new ImgstoreError("INTERRUPTED", "unpacking was interrupted");
  const stop = new SharedArrayBuffer(4);
  const order: ExtractOrder = { ...rest, stop };
  const worker = new Worker(entryFile("adapters/layers/extractor/extractor"), {
    workerData: order,
    // what the program was started with is about its own first file
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MB },
  });
  const ask = (): void => {
    Atomics.store(new Int32Array(stop), 0, 1);
  };
  signal.addEventListener("abort", ask);
  try {
    return await resultOf(worker, onProgress);
  } finally {
    signal.removeEventListener("abort", ask);
  }
}

/** What the parser holds in memory has limits; one that were forgotten ends the thread, not the process. */
const MAX_HEAP_MB = 256;

/** Settles when the thread has ended: before that, it may still write. */
function resultOf(worker: Worker, onProgress: (progress: Progress) => void): Promise<ExtractedTree> {
  return new Promise((resolve, reject) => {
    let last: ExtractReport | null = null;
    let failure: Error | null = null;
    worker.on("message", (report: ExtractReport) => {
      if (report.kind === "progress") onProgress(report.progress);
      else last = report;
    });
    worker.on("error", (error) => {
      failure = error;
    });
    worker.on("exit", () => {
      if (last?.kind === "done") resolve(last.tree);
      else reject(failure ?? failureOf(last));
    });
  });
}

function failureOf(report: ExtractReport | null): Error {
  if (report?.kind !== "failed") return new Error("the unpacking thread ended without a word");
  const { code, message, hint } = report.error;
  return new ImgstoreError(code, message, hint === null ? {} : { hint });
}
