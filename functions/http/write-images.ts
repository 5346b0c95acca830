import { changeTarget, type TargetWish } from "../change-target.ts";
import { drive } from "../drive.ts";
import { checkRegistration, register } from "../registration.ts";
import { goneResponse, imageResponse } from "./answers.ts";
import { readBody } from "./body.ts";
import { loadNamed, nameOf, requireMatch } from "./named-image.ts";
import { preferredWaitMs, prefersWaiting } from "./request-budget.ts";
import type { RouteCall } from "./route-call.ts";

/** 201 for a new image, 200 for the same again. */
export async function putImage({ engine, c }: RouteCall): Promise<Response> {
  const wanted = checkRegistration({ ...(await readBody(c.req.raw, "put")), name: nameOf(c) });
  if (c.req.header("if-match") !== undefined) requireMatch(c, await loadNamed(engine, wanted.name));
  const { isNew, placement } = await register(engine, wanted);
  return imageResponse(engine, placement, isNew ? 201 : 200);
}

export async function patchImage(call: RouteCall): Promise<Response> {
  const { target, fresh, force } = await readBody(call.c.req.raw, "patch");
  return retarget(call, { target, isFresh: fresh === true, isForced: force === true });
}

export async function deleteImage(call: RouteCall): Promise<Response> {
  return retarget(call, { target: "REMOVED" });
}

/** 202 at once; with `Prefer: wait` 200 when the target is reached in time. */
async function retarget({ engine, c }: RouteCall, wish: TargetWish): Promise<Response> {
  const seen = await loadNamed(engine, nameOf(c));
  requireMatch(c, seen);
  const placement = await changeTarget(engine, seen, wish);
  await engine.images.wake(placement.id);
  if (!prefersWaiting(c.req.raw)) return imageResponse(engine, placement, 202);
  const waitMs = preferredWaitMs(c.req.raw) ?? engine.settings.requestBudgetMs;
  const reached = await drive(engine, placement, waitMs);
  if (reached === null) return goneResponse(engine, placement);
  return imageResponse(engine, reached, reached.state === wish.target ? 200 : 202);
}
