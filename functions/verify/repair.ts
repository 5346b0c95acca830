import type { Digest } from "../../core/digests.ts";
import type { RecordedError } from "../../core/errors.ts";
import { nextMoveOf } from "../../core/lifecycle/next-move.ts";
import type { LayerForm } from "../../core/lifecycle/work.ts";
import type { Engine } from "../engine.ts";
import { perform } from "../perform.ts";

/** A blob or a tree that is not right. */
export interface Damage {
  readonly piece:
    | { readonly kind: "blob"; readonly digest: Digest }
    | { readonly kind: "layer"; readonly digest: Digest; readonly form: LayerForm };
  readonly reason: RecordedError;
}

/** Nobody trusts it any more; the images that rely on a tree are to be repaired from now on. */
export async function markDamaged({ work }: Engine, { piece, reason }: Damage): Promise<void> {
  if (piece.kind === "blob") await work.damageBlob(piece.digest);
  else await work.damageLayer(piece.digest, piece.form, reason);
}

/**
 * Has what is damaged made again: marks it, and sends its images back to NEW; those that are in use, and those that
 * somebody else is at, go there later and by themselves. A blob alone takes no mounted image away from whoever uses it.
 * @param names of the images that have any of it
 */
export async function repair(engine: Engine, damages: readonly Damage[], names: readonly string[]): Promise<void> {
  for (const damage of damages) {
    await markDamaged(engine, damage);
    if (damage.piece.kind === "blob") await engine.work.fetchAgain(damage.piece.digest, damage.reason);
  }
  for (const name of names) await sendBack(engine, name);
  engine.inFlight.wake();
}

/** From ACTIVE it is begin-deactivate, finish-deactivate, refetch. */
async function sendBack(engine: Engine, name: string): Promise<void> {
  for (let placement = await engine.images.load(name); placement?.isRepairWanted === true; ) {
    const move = nextMoveOf(placement);
    if (move === null) return;
    const performed = await perform(engine, placement, move, { budgetMs: null, isAskedFor: true });
    if (performed.kind !== "made" || move === "refetch") return;
    placement = performed.placement;
  }
}
