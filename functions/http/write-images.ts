import { changeTarget, type TargetWish } from "../change-target.ts";
import { drive } from "../drive.ts";
import { checkRegistration, register } from "../registration.ts";
import { goneAnswer, imageAnswer } from "./answers.ts";
import { readBody } from "./body.ts";
import { loadNamed, nameOf, requireMatch } from "./named-image.ts";
import { preferredWaitMs, prefersWaiting } from "./request-budget.ts";
import type { Answer, RouteCall } from "./route-call.ts";

/** 201 for a new image, 200 for the same again. */
export async function putImage(call: RouteCall): Promise<Answer> {
  const { engine, request } = call;
  const wanted = checkRegistration({ ...(await readBody(request, "put")), name: nameOf(call) });
  if (request.header("if-match") !== undefined) requireMatch(call, await loadNamed(engine, wanted.name));
  const { isNew, placement } = await register(engine, wanted);
  return imageAnswer(engine, placement, isNew ? 201 : 200);
}

export async function patchImage(call: RouteCall): Promise<Answer> {
  const { target, fresh, force } = await readBody(call.request, "patch");
  return retarget(call, { target, isFresh: fresh === true, isForced: force === true });
}

export async function deleteImage(call: RouteCall): Promise<Answer> {
  return retarget(call, { target: "REMOVED" });
}

/** 202 at once; with `Prefer: wait` 200 when the target is reached in time. */
async function retarget(call: RouteCall, wish: TargetWish): Promise<Answer> {
  const { engine, request } = call;
  const seen = await loadNamed(engine, nameOf(call));
  requireMatch(call, seen);
  const placement = await changeTarget(engine, seen, wish);
  await engine.images.wake(placement.id);
  if (!prefersWaiting(request)) return imageAnswer(engine, placement, 202);
  const waitMs = preferredWaitMs(request) ?? engine.settings.requestBudgetMs;
  const reached = await drive(engine, placement, waitMs);
  if (reached === null) return goneAnswer(engine, placement);
  return imageAnswer(engine, reached, reached.state === wish.target ? 200 : 202);
}
