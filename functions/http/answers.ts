import { ImgstoreError } from "../../core/errors.ts";
import type { Placement } from "../../core/ports/image-rows.ts";
import type { Engine } from "../engine.ts";
import type { Performed } from "../performed.ts";
import { etagOf, toImageJson } from "./image-json.ts";
import { jsonAnswer, retryAfter } from "./json-answer.ts";
import { problemAnswer } from "./problem.ts";
import type { Answer } from "./route-call.ts";

/** The image itself. */
export function imageAnswer(engine: Engine, placement: Placement, status = 200, retryAfterMs?: number): Answer {
  return jsonAnswer(toImageJson(engine, placement), status, {
    etag: etagOf(placement),
    ...(retryAfterMs === undefined ? {} : retryAfter(retryAfterMs)),
  });
}

/** What a call of `perform` answers. `before` stands for the image where the row has gone with the move. */
export function performedAnswer(engine: Engine, before: Placement, performed: Performed): Answer {
  switch (performed.kind) {
    case "made":
      if (performed.placement === null) return goneAnswer(engine, before);
      return imageAnswer(engine, performed.placement);
    case "under-way":
      return imageAnswer(engine, performed.placement, 202, performed.retryAfterMs);
    case "postponed":
      return imageAnswer(engine, performed.placement ?? before, 202, performed.retryAfterMs);
    case "not-due":
      return notDueAnswer(engine, performed.placement, performed.retryAfterMs);
    case "lost":
      return problemAnswer(
        new ImgstoreError("LOST_RACE", `somebody else moved "${before.name}" first`, { hint: "read it again" }),
        performed.placement === null ? {} : { image: toImageJson(engine, performed.placement) },
      );
    case "illegal":
      return problemAnswer(new ImgstoreError("ILLEGAL_MOVE", `"${before.name}": ${performed.reason}`), {
        image: toImageJson(engine, performed.placement),
      });
  }
}

/** An image whose row has gone with the last move; as it was, REMOVED. */
export function goneAnswer(engine: Engine, before: Placement): Answer {
  return jsonAnswer({ ...toImageJson(engine, before), state: "REMOVED", dueAtMs: null });
}

/** Held by another: 409 LEASED; backing off by itself: 202, its next attempt is in Retry-After. */
function notDueAnswer(engine: Engine, placement: Placement, retryAfterMs: number): Answer {
  if (placement.leaseOwner === null) return imageAnswer(engine, placement, 202, retryAfterMs);
  return problemAnswer(
    new ImgstoreError("LEASED", `"${placement.name}" is held by ${placement.leaseOwner} for ${placement.move}`, {
      hint: "come back after Retry-After; its lease ends by itself if the worker has died",
    }),
    { image: toImageJson(engine, placement), retryAfterMs: Math.min(retryAfterMs, 1000) },
  );
}
