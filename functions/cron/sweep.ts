import type { DueRow } from "../../core/ports/image-rows.ts";
import type { Engine } from "../engine.ts";
import type { SweepJson } from "../http/wire.ts";
import type { Performed } from "../performed.ts";
import { scrub } from "../verify/scrub.ts";
import { performDue } from "./due-rows.ts";
import { reap } from "./reap.ts";
import { reconcile } from "./reconcile.ts";

export interface SweepOptions {
  /** Rows looked at. */
  readonly limit: number;
  /** Acts at once. */
  readonly concurrency: number;
  /** How long it may take, in milliseconds; null: until all acts have ended. */
  readonly budgetMs: number | null;
}

/**
 * At most one transition for each row that is due on this node. Harmless beside other sweeps, workers and callers: each
 * row is taken by one of them. A row whose last claim ran out may have killed its worker: it is taken alone, when
 * nothing else of this process is under way.
 */
export async function sweep(engine: Engine, options: SweepOptions): Promise<SweepJson> {
  const endMs = options.budgetMs === null ? null : engine.clock.monotonicMs() + options.budgetMs;
  const leftMs = (): number | null => (endMs === null ? null : Math.max(0, endMs - engine.clock.monotonicMs()));
  const { unjudged } = await reconcile(engine);
  const { rows } = await engine.images.due(options.limit);
  const tally = new Tally();
  const visit = async (row: DueRow): Promise<void> => {
    if (leftMs() === 0 || engine.inFlight.isClosing) tally.waiting += 1;
    else tally.count(row, await performDue(engine, row, leftMs()));
  };

  await each(
    rows.filter((row) => !row.isSuspect),
    options.concurrency,
    visit,
  );
  for (const row of rows.filter((suspect) => suspect.isSuspect)) {
    if (engine.inFlight.size > 0) tally.waiting += 1;
    else await visit(row);
  }

  await tidy(engine, leftMs());
  const after = await engine.images.due(1);
  return {
    moved: tally.moved,
    failed: tally.failed,
    waiting: tally.waiting,
    unjudged,
    nextDueAtMs: after.rows.length > 0 ? after.nowMs : after.nextDueAtMs,
    nowMs: after.nowMs,
  };
}

/** Deleting takes as long as it takes: it comes last, and what is not done in time goes on without the request. */
async function tidy(engine: Engine, budgetMs: number | null): Promise<void> {
  const tidied = reap(engine).then(() => scrubInPassing(engine));
  if (budgetMs === null) return tidied;
  const isOver = new AbortController();
  await Promise.race([tidied, engine.clock.sleep(budgetMs, isOver.signal)]).finally(() => isOver.abort());
}

async function scrubInPassing(engine: Engine): Promise<void> {
  if (!engine.inFlight.isClosing) await engine.inFlight.aside((signal) => scrub(engine, signal));
}

/** Visits the rows in order, at most `concurrency` at once. */
async function each(
  rows: readonly DueRow[],
  concurrency: number,
  visit: (row: DueRow) => Promise<void>,
): Promise<void> {
  const queue = rows.values();
  const lane = async (): Promise<void> => {
    for (const row of queue) await visit(row);
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, rows.length) }, lane));
}

class Tally {
  readonly moved: SweepJson["moved"][number][] = [];
  readonly failed: SweepJson["failed"][number][] = [];
  waiting = 0;

  count(row: DueRow, performed: Performed | null): void {
    if (performed === null) return;
    const { name } = row;
    if (performed.kind === "made") this.moved.push({ name, move: performed.move, toState: performed.toState });
    if ((performed.kind === "made" || performed.kind === "postponed") && performed.error !== null) {
      this.failed.push({ name, move: performed.move, error: performed.error });
    }
    if (performed.kind === "under-way" || performed.kind === "postponed" || performed.kind === "not-due")
      this.waiting += 1;
  }
}
