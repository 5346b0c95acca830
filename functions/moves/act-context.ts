import type { Claim, Placement, Progress } from "../../core/ports/image-rows.ts";
import type { Outcome } from "../../core/protocol/outcome.ts";
import type { Disk, Engine } from "../engine.ts";

/** What an act may use: the engine's ports with the disk loaded, and its own claim. */
export interface ActContext extends Omit<Engine, "disk"> {
  readonly disk: Disk;
  /** As claimed. */
  readonly placement: Placement;
  readonly claim: Claim;
  /** Fires when the act has to stop: keep what is done, leave nothing else, and throw or return. */
  readonly signal: AbortSignal;
  /** Tells how far the work is; also the sign of life that keeps the lease. */
  readonly report: (progress: Progress) => void;
  /** Asks the database whether the claim is still ours; ask before what cannot be taken back. */
  readonly isStillOurs: () => Promise<boolean>;
}

/**
 * The work of one move, idempotent: a loser has nothing to undo, and whoever comes after a crash finds finished work by
 * its digest. Foreseen endings are outcomes, the rest is thrown as ImgstoreError.
 */
export type Act = (context: ActContext) => Promise<Outcome>;

/** What clearing away needs of it. */
export type ClearContext = Pick<ActContext, "disk" | "placement" | "claim" | "work" | "isStillOurs">;

/** The prefix of everything unfinished of this attempt under `tmp/`. */
export function attemptName(claim: Claim): string {
  return `${claim.placementId}.${claim.fence}`;
}
