import type { SweepJson } from "../http/wire.ts";
import type { Client } from "./client.ts";
import { printLines, printRecord } from "./terminal/output.ts";
import { sweepLines } from "./views/event-line.ts";
import { ABORTED, pause, untilAborted } from "./wait.ts";

export interface SweepingOptions {
  /** End when nothing is due now. */
  readonly once: boolean;
  readonly concurrency: number;
  readonly signal: AbortSignal;
  readonly isJson: boolean;
}

/** A server's new images are found after this at the latest, in milliseconds. */
const LONGEST_SLEEP_MS = 5000;
const SHORTEST_SLEEP_MS = 100;

/** A worker at a distance: asks the server for one sweep after another, and sleeps until the next row is due there. */
export async function sweepThere(client: Client, options: SweepingOptions): Promise<void> {
  const { once, concurrency, signal, isJson } = options;
  while (!signal.aborted) {
    const sweep = await untilAborted(client.sweep({ concurrency }), signal);
    if (sweep === ABORTED) return;
    if (isJson) for (const event of [...sweep.moved, ...sweep.failed]) printRecord({ atMs: sweep.nowMs, ...event });
    else printLines(sweepLines(sweep));
    const sleepMs = sleepAfter(sweep);
    if (once && sleepMs > 0 && !isDueNow(sweep)) return;
    await pause(sleepMs, signal);
  }
}

function isDueNow({ nextDueAtMs, nowMs }: SweepJson): boolean {
  return nextDueAtMs !== null && nextDueAtMs <= nowMs;
}

function sleepAfter({ moved, nextDueAtMs, nowMs }: SweepJson): number {
  if (moved.length > 0) return 0;
  if (nextDueAtMs === null) return LONGEST_SLEEP_MS;
  return Math.min(LONGEST_SLEEP_MS, Math.max(SHORTEST_SLEEP_MS, nextDueAtMs - nowMs));
}
