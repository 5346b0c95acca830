import { asImgstoreError } from "../../core/errors.ts";
import { jsonAnswer } from "./json-answer.ts";
import { problemAnswer } from "./problem.ts";
import type { Answer, RouteCall } from "./route-call.ts";

/** Liveness: the process answers. */
export async function answerAlive(): Promise<Answer> {
  return jsonAnswer({ status: "ok" });
}

/** Readiness: database and store answer. */
export async function answerReady({ engine }: RouteCall): Promise<Answer> {
  try {
    await engine.images.list({ limit: 1 });
    await (await engine.disk()).layers.listUnfinished();
    return jsonAnswer({ status: "ready" });
  } catch (error) {
    return problemAnswer(asImgstoreError(error));
  }
}
