import { writeSync } from "node:fs";
import { asImgstoreError, recorded } from "../../../core/errors.ts";
import { endWithParent } from "../../linux/end-with-parent.ts";
import { extractTree } from "./extract-tree.ts";
import { closeInheritedDirectories } from "./inherited.ts";
import type { Arrival, ExtractOrder, ExtractReport } from "./messages.ts";
import { OrderLines } from "./order-lines.ts";
import { openStored } from "./stored-archive.ts";

/** Least time between two words on progress. */
const REPORT_INTERVAL_MS = 100;

const STDIN = 0;
const STDOUT = 1;

/**
 * A process that unpacks one archive and ends. It is told what to do on stdin, says how it goes on stdout, and is stopped
 * by killing it: what it leaves is the caller's to remove. It ends with the process that started it.
 */
async function run(lines: OrderLines): Promise<void> {
  const line = lines.next();
  if (line === null) return;
  const order: ExtractOrder = JSON.parse(line);
  report(await extract(order, () => arrivalOf(lines.last())));
}

async function extract(order: ExtractOrder, arrival: () => Arrival): Promise<ExtractReport> {
  // the first word comes at once, however soon that is
  let reportedAtMs = Number.NEGATIVE_INFINITY;
  try {
    const tree = await extractTree(order, openStored(order, arrival), (progress) => {
      const nowMs = performance.now();
      if (nowMs - reportedAtMs < REPORT_INTERVAL_MS) return;
      reportedAtMs = nowMs;
      report({ kind: "progress", ...progress });
    });
    return { kind: "done", tree };
  } catch (error) {
    return { kind: "failed", error: recorded(asImgstoreError(error)) };
  }
}

function arrivalOf(line: string | null): Arrival {
  // whoever wanted the tree is gone
  if (line === null) process.exit(1);
  return JSON.parse(line);
}

function report(message: ExtractReport): void {
  const line = Buffer.from(`${JSON.stringify(message)}\n`);
  for (let written = 0; written < line.length; ) written += writeSync(STDOUT, line, written);
}

endWithParent();
closeInheritedDirectories();
// Not awaited: the bundle is CommonJS. The thread that made the tree may still be there at the end.
void run(new OrderLines(STDIN)).then(() => process.exit(0));
