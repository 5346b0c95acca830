import { parentPort, workerData } from "node:worker_threads";
import { confineThread } from "../../linux/confine.ts";
import { gzipDecoder } from "../decompress/gzip.ts";
import type { ExtractorProbe } from "../probe-extractor.ts";

/** A thread that confines itself as an extractor does, says what came of it, and ends. */
function run(directory: string): ExtractorProbe {
  const gzip = gzipDecoder();
  return { wall: confineThread(directory).wall, gzip };
}

// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a port of this process, no window
parentPort?.postMessage(run(workerData));
