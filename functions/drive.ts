import { nextMoveOf } from "../core/lifecycle/next-move.ts";
import type { Placement } from "../core/ports/image-rows.ts";
import type { Engine } from "./engine.ts";
import { perform } from "./perform.ts";

/** The longest pause between two looks at a row that somebody else moves, in milliseconds. */
const LOOK_EVERY_MS = 250;

/**
 * Makes one transition after another until the placement rests or the time is up, beside whoever else moves it.
 * @returns the placement as it is then; null when it is gone
 */
export async function drive(engine: Engine, placement: Placement, budgetMs: number): Promise<Placement | null> {
  const endMs = engine.clock.monotonicMs() + budgetMs;
  let now: Placement | null = placement;
  while (now !== null) {
    const leftMs = endMs - engine.clock.monotonicMs();
    const move = nextMoveOf(now);
    if (leftMs <= 0 || move === null) break;
    const performed = await perform(engine, now, move, { budgetMs: leftMs, isAskedFor: true });
    if ("retryAfterMs" in performed) {
      await engine.clock.sleep(Math.min(leftMs, LOOK_EVERY_MS, Math.max(performed.retryAfterMs, 10)));
    }
    const read: Placement | null = await engine.images.load(placement.name);
    now = read?.id === placement.id ? read : null;
  }
  return now;
}
