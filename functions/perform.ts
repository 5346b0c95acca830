import { isActMove, isLegal, type Move, type SwapMove } from "../core/lifecycle/image.ts";
import { nextMoveOf } from "../core/lifecycle/next-move.ts";
import { isHeld, type Placement } from "../core/ports/image-rows.ts";
import { attempt } from "./attempt.ts";
import type { Engine } from "./engine.ts";
import type { PerformOptions } from "./perform-options.ts";
import type { Performed } from "./performed.ts";

/**
 * Makes at most one transition of a placement: the one that is asked for, where it is the one that is next. The only
 * place that does: routes, sweep, worker and command line all come here.
 * @param placement as the caller loaded it; a change since then makes it lose
 */
export async function perform(
  engine: Engine,
  placement: Placement,
  move: Move,
  options: PerformOptions,
): Promise<Performed> {
  const refusal = refusalFor(placement, move);
  if (refusal !== null) return { kind: "illegal", placement, reason: refusal };
  if (isActMove(move)) {
    const waitMs = untilDueMs(placement);
    if (waitMs > 0) return { kind: "not-due", placement, retryAfterMs: waitMs };
    return attempt(engine, placement, move, options);
  }
  if (move === "give-up" || move === "keep-active") throw new Error(`${move} is made by an attempt only`);
  return swap(engine, placement, move, options);
}

function refusalFor(placement: Placement, move: Move): string | null {
  const { state, target } = placement;
  if (!isLegal(move, state)) return `${move} does not lead from ${state}`;
  if (move === "retry") return null;
  const next = nextMoveOf(placement);
  if (next === move) return null;
  if (next === null) return `the image is ${state} and its target is ${target}: nothing is next`;
  return `the target is ${target}: ${next} is next`;
}

/** How long the row is spoken for: by a live claim, or by its own back-off. */
export function untilDueMs(placement: Placement): number {
  return placement.dueAtMs === null ? 0 : Math.max(0, placement.dueAtMs - placement.nowMs);
}

async function swap(
  engine: Engine,
  placement: Placement,
  move: SwapMove,
  { isAskedFor }: PerformOptions,
): Promise<Performed> {
  // What is wrong with a layer stays in sight on the way to its repair.
  const error = placement.isRepairWanted && placement.error !== null ? { error: placement.error } : {};
  // What only a person asks for or what was observed leads nowhere by itself.
  const towards = nextMoveOf(placement) === move ? { towards: placement.target } : {};
  const wanted = { move, opId: engine.clock.newId(), worker: engine.worker, isAskedFor, ...towards, ...error };
  const swapped = await engine.images.swap(placement, wanted);
  if (swapped.kind === "lost") {
    const now = swapped.placement;
    return now !== null && isHeld(now)
      ? { kind: "not-due", placement: now, retryAfterMs: untilDueMs(now) }
      : { kind: "lost", placement: now };
  }
  engine.inFlight.overrule(placement.id);
  engine.inFlight.wake();
  return { kind: "made", move, toState: swapped.placement.state, placement: swapped.placement, error: null };
}
