import { parentPort, workerData } from "node:worker_threads";
import { asImgstoreError, recorded } from "../../../core/errors.ts";
import { extractTree } from "./extract-tree.ts";
import type { ExtractOrder, ExtractReport } from "./messages.ts";

/** Least time between two words on progress. */
const REPORT_INTERVAL_MS = 100;

/** A thread that unpacks one archive and ends. It is stopped by a word in shared memory, never killed: it owns descriptors. */
async function run(order: ExtractOrder): Promise<ExtractReport> {
  const stop = new Int32Array(order.stop);
  let reportedAtMs = 0;
  try {
    const tree = await extractTree(order, {
      isStopped: () => Atomics.load(stop, 0) !== 0,
      onProgress: (progress) => {
        const nowMs = performance.now();
        if (nowMs - reportedAtMs < REPORT_INTERVAL_MS) return;
        reportedAtMs = nowMs;
        report({ kind: "progress", progress });
      },
    });
    return { kind: "done", tree };
  } catch (error) {
    return { kind: "failed", error: recorded(asImgstoreError(error)) };
  }
}

function report(message: ExtractReport): void {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a port of this process, no window
  parentPort?.postMessage(message);
}

report(await run(workerData));
