import { ImgstoreError } from "../../core/errors.ts";
import type { Placement } from "../../core/ports/image-rows.ts";
import type { Engine } from "../engine.ts";
import type { Performed } from "../performed.ts";
import { etagOf, toImageJson } from "./image-json.ts";
import { problemResponse, retryAfterSeconds } from "./problem.ts";

/** The image itself. */
export function imageResponse(engine: Engine, placement: Placement, status = 200, retryAfterMs?: number): Response {
  return Response.json(toImageJson(engine, placement), {
    status,
    headers: {
      etag: etagOf(placement),
      "cache-control": "no-store",
      ...(retryAfterMs === undefined ? {} : { "retry-after": retryAfterSeconds(retryAfterMs) }),
    },
  });
}

/** What a call of `perform` answers. `before` stands for the image where the row has gone with the move. */
export function performedResponse(engine: Engine, before: Placement, performed: Performed): Response {
  switch (performed.kind) {
    case "made":
      if (performed.placement === null) return goneResponse(engine, before);
      return imageResponse(engine, performed.placement);
    case "under-way":
      return imageResponse(engine, performed.placement, 202, performed.retryAfterMs);
    case "postponed":
      return imageResponse(engine, performed.placement ?? before, 202, performed.retryAfterMs);
    case "not-due":
      return notDueResponse(engine, performed.placement, performed.retryAfterMs);
    case "lost":
      return problemResponse(
        new ImgstoreError("LOST_RACE", `somebody else moved "${before.name}" first`, { hint: "read it again" }),
        performed.placement === null ? {} : { image: toImageJson(engine, performed.placement) },
      );
    case "illegal":
      return problemResponse(new ImgstoreError("ILLEGAL_MOVE", `"${before.name}": ${performed.reason}`), {
        image: toImageJson(engine, performed.placement),
      });
  }
}

/** An image whose row has gone with the last move; as it was, REMOVED. */
export function goneResponse(engine: Engine, before: Placement): Response {
  return Response.json(
    { ...toImageJson(engine, before), state: "REMOVED", dueAtMs: null },
    {
      headers: { "cache-control": "no-store" },
    },
  );
}

/** Held by another: 409 LEASED; backing off by itself: 202, its next attempt is in Retry-After. */
function notDueResponse(engine: Engine, placement: Placement, retryAfterMs: number): Response {
  if (placement.leaseOwner === null) return imageResponse(engine, placement, 202, retryAfterMs);
  return problemResponse(
    new ImgstoreError("LEASED", `"${placement.name}" is held by ${placement.leaseOwner} for ${placement.move}`, {
      hint: "come back after Retry-After; its lease ends by itself if the worker has died",
    }),
    { image: toImageJson(engine, placement), retryAfterMs: Math.min(retryAfterMs, 1000) },
  );
}
