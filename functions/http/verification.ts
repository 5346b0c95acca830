import { verify } from "../verify/verify.ts";
import { readBody } from "./body.ts";
import { jsonAnswer, retryAfter } from "./json-answer.ts";
import { requestBudgetMs, within } from "./request-budget.ts";
import type { Answer, RouteCall } from "./route-call.ts";
import type { VerifyJson } from "./wire.ts";

/** 202 when its time is up first: the verification goes on. */
export async function makeVerification({ engine, request, budgetMs }: RouteCall): Promise<Answer> {
  const { name = null, repair = false } = await readBody(request, "verify");
  const verifying = engine.inFlight.aside((signal) => verify(engine, { name, isRepairing: repair, signal }));
  const report = await within(engine.clock, verifying, requestBudgetMs(request, budgetMs));
  if (report !== null) return jsonAnswer(report);
  return jsonAnswer({ ...NOTHING_YET, repaired: repair }, 202, retryAfter(1000));
}

const NOTHING_YET: VerifyJson = {
  underWay: true,
  repaired: false,
  checked: { blobs: 0, layers: 0, bytes: 0 },
  damaged: [],
  unverified: [],
  strays: [],
};
