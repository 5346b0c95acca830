import type { RecordedError } from "../core/errors.ts";
import type { Move, State } from "../core/lifecycle/image.ts";
import type { Placement } from "../core/ports/image-rows.ts";

/** What became of one call of `perform`. At most one transition was made. */
export type Performed =
  /** The transition was made, by us; `placement` is null when the row is gone with it. */
  | {
      readonly kind: "made";
      readonly move: Move;
      readonly toState: State | "REMOVED";
      readonly placement: Placement | null;
      /** Of a fallback, or of what went wrong beside a success. */
      readonly error: RecordedError | null;
    }
  /** The time was up; the act goes on under its lease. */
  | { readonly kind: "under-way"; readonly move: Move; readonly placement: Placement; readonly retryAfterMs: number }
  /** The attempt ended without the move: it failed and will be retried, or stopped with its progress kept. */
  | {
      readonly kind: "postponed";
      readonly move: Move;
      readonly placement: Placement | null;
      readonly retryAfterMs: number;
      readonly error: RecordedError | null;
    }
  /** Somebody else holds the row, or it backs off. */
  | { readonly kind: "not-due"; readonly placement: Placement; readonly retryAfterMs: number }
  /** Somebody else was first. */
  | { readonly kind: "lost"; readonly placement: Placement | null }
  /** Not a move from here towards the target. */
  | { readonly kind: "illegal"; readonly placement: Placement; readonly reason: string };
