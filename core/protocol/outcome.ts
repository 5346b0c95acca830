import type { ImgstoreError, RecordedError } from "../errors.ts";
import type { SettleFacts } from "../ports/image-rows.ts";

/** How an act ended. An act never throws what it can foresee: it says one of these. */
export type Outcome =
  /** The move's work is on disk: settle, with what is now known of the image, and with what is worth keeping in history. */
  | { readonly kind: "done"; readonly facts: SettleFacts; readonly remark: RecordedError | null }
  /** Not now, and nobody's fault: release with progress kept; the attempt is not counted. */
  | { readonly kind: "later"; readonly reason: Later }
  /** It went wrong: back off, or the move's fallback where the error is permanent or attempts are used up. */
  | { readonly kind: "failed"; readonly error: ImgstoreError };

/** Why an act stopped without a fault, and when to look again. */
export type Later =
  /** Another claim makes the blob or layer; its settle or release wakes this row, `untilMs` is the fallback. */
  | { readonly kind: "held"; readonly waitsFor: string; readonly untilMs: number }
  /** The request's time is up; more to do at once. */
  | { readonly kind: "budget" }
  /** The process is going down; more to do at once. */
  | { readonly kind: "shutdown" };

export function done(facts: SettleFacts = {}, remark: RecordedError | null = null): Outcome {
  return { kind: "done", facts, remark };
}

export function later(reason: Later): Outcome {
  return { kind: "later", reason };
}

export function failed(error: ImgstoreError): Outcome {
  return { kind: "failed", error };
}
