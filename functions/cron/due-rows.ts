import { nextMoveOf } from "../../core/lifecycle/next-move.ts";
import type { DueRow } from "../../core/ports/image-rows.ts";
import type { Engine } from "../engine.ts";
import { perform } from "../perform.ts";
import type { Performed } from "../performed.ts";

/**
 * Makes the one transition that is next for a due row; null when there is none any more.
 */
export async function performDue(engine: Engine, row: DueRow, budgetMs: number | null): Promise<Performed | null> {
  const placement = await engine.images.load(row.name);
  if (placement === null || placement.id !== row.id) return null;
  const move = nextMoveOf(placement);
  return move === null ? null : perform(engine, placement, move, { budgetMs, isAskedFor: false });
}
