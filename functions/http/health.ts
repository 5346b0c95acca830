import { asImgstoreError } from "../../core/errors.ts";
import { problemResponse } from "./problem.ts";
import type { RouteCall } from "./route-call.ts";

/** Liveness: the process answers. */
export async function answerAlive(): Promise<Response> {
  return Response.json({ status: "ok" });
}

/** Readiness: database and store answer. */
export async function answerReady({ engine }: RouteCall): Promise<Response> {
  try {
    await engine.images.list({ limit: 1 });
    await (await engine.disk()).layers.listUnfinished();
    return Response.json({ status: "ready" });
  } catch (error) {
    return problemResponse(asImgstoreError(error));
  }
}
