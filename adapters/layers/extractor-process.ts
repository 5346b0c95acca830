import type { ChildProcess } from "node:child_process";
import { dirname } from "node:path";
import { createInterface } from "node:readline";
import { ImgstoreError } from "../../core/errors.ts";
import type { StopSignal } from "../../core/ports/abort-signal.ts";
import type { Progress } from "../../core/ports/image-rows.ts";
import { EarlyWriteBack } from "./early-write-back.ts";
import type { Arrival, ExtractedTree, ExtractOrder, ExtractProgress, ExtractReport } from "./extractor/messages.ts";
import { namingInodes } from "./out-of-inodes.ts";
import { removeTree } from "./remove-tree.ts";

/** How whoever wants the tree takes part. */
export interface ExtractWatch {
  readonly signal: StopSignal;
  readonly onProgress: (progress: Progress, plainBytes: number) => void;
}

/** An archive that is being unpacked. */
export interface Extraction {
  /** Whole and durable when it resolves; where it rejects, nothing is left. */
  readonly tree: Promise<ExtractedTree>;
  /** Says how much of an arriving archive can be read by now. */
  arrived(arrival: Arrival): void;
}

/**
 * Unpacks a stored archive in a process of its own, which sees nothing but the directory that it makes. It is killed when
 * the signal fires, and ends by itself when this process does.
 * @param child an extractor that was told nothing yet
 * @throws {ImgstoreError} as LayerTrees.unpack
 */
export function startExtraction(child: ChildProcess, order: ExtractOrder, watch: ExtractWatch): Extraction {
  const words = new Announcements(child);
  words.say(order);
  return { tree: resultOf(child, order, watch), arrived: (arrival) => words.say(arrival) };
}

/** Tells the extractor things: the latest of them when it is slow to listen. */
class Announcements {
  readonly #child: ChildProcess;
  #isSaying = false;
  #next: Arrival | null = null;

  constructor(child: ChildProcess) {
    this.#child = child;
    // It may end before it has heard everything: how it ended is told elsewhere.
    child.stdin?.on("error", () => {});
  }

  say(message: ExtractOrder | Arrival): void {
    if (this.#isSaying && "isAll" in message) {
      this.#next = message;
      return;
    }
    this.#isSaying = true;
    this.#child.stdin?.write(`${JSON.stringify(message)}\n`, () => {
      this.#isSaying = false;
      const next = this.#next;
      this.#next = null;
      if (next !== null) this.say(next);
    });
  }
}

async function resultOf(
  child: ChildProcess,
  { treePath }: ExtractOrder,
  { signal, onProgress }: ExtractWatch,
): Promise<ExtractedTree> {
  const kill = (): void => {
    child.kill("SIGKILL");
  };
  if (signal.aborted) kill();
  signal.addEventListener("abort", kill);
  const writeBack = new EarlyWriteBack(dirname(treePath));
  try {
    const last = await lastReport(child, ({ progress, plainBytes }) => {
      writeBack.progressed(plainBytes);
      onProgress(progress, plainBytes);
    });
    if (last.kind === "done") return last.tree;
    throw last.kind === "ended" && signal.aborted ? interrupted() : failureOf(last);
  } catch (error) {
    const named = await namingInodes(error, dirname(treePath));
    await removeTree(treePath);
    throw named;
  } finally {
    signal.removeEventListener("abort", kill);
    await writeBack.end();
  }
}

type LastReport = Exclude<ExtractReport, { kind: "progress" }> | { readonly kind: "ended"; readonly how: string };

/** Settles when the process has ended: before that, it may still write. */
function lastReport(child: ChildProcess, onProgress: (progress: ExtractProgress) => void): Promise<LastReport> {
  return new Promise((resolve, reject) => {
    let last: LastReport | null = null;
    let diagnosis = "";
    if (child.stdout === null || child.stderr === null) throw new Error("the extractor has no pipes");
    createInterface({ input: child.stdout }).on("line", (line) => {
      const report: ExtractReport = JSON.parse(line);
      if (report.kind === "progress") onProgress(report);
      else last = report;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      diagnosis = (diagnosis + text).slice(0, MAX_DIAGNOSIS);
    });
    child.on("error", reject);
    child.on("close", (code, signal) => {
      resolve(last ?? { kind: "ended", how: `${signal ?? `status ${code}`} ${diagnosis.trim()}`.trim() });
    });
  });
}

const MAX_DIAGNOSIS = 4000;

function interrupted(): ImgstoreError {
  return new ImgstoreError("INTERRUPTED", "unpacking was interrupted");
}

function failureOf(report: Exclude<LastReport, { kind: "done" }>): Error {
  if (report.kind === "failed") {
    const { code, message, hint } = report.error;
    return new ImgstoreError(code, message, hint === null ? {} : { hint });
  }
  return new ImgstoreError("EXTRACTOR_DIED", `the process that unpacks ended before it was done: ${report.how}`, {
    hint: "it was killed (look into the kernel's log for a lack of memory) or has a bug; it is tried again",
  });
}
