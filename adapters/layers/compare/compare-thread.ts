import { parentPort, workerData } from "node:worker_threads";
import type { CompareOrder, CompareReport } from "./compare-aside.ts";
import { compareTrees } from "./compare-trees.ts";

/** A thread that compares two trees, says what came of it, and ends. */
function run({ actualPath, expectedPath }: CompareOrder): CompareReport {
  try {
    return { kind: "compared", differences: compareTrees(actualPath, expectedPath) };
  } catch (error) {
    return { kind: "failed", reason: error instanceof Error ? error.message : String(error) };
  }
}

// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a port of this process, no window
parentPort?.postMessage(run(workerData));
