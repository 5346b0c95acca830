import { collectGarbage } from "../cron/collect-garbage.ts";
import { sweep } from "../cron/sweep.ts";
import { readBody } from "./body.ts";
import { jsonAnswer, retryAfter } from "./json-answer.ts";
import { requestBudgetMs, within } from "./request-budget.ts";
import type { Answer, RouteCall } from "./route-call.ts";
import type { GcJson } from "./wire.ts";

/** Rows that one sweep looks at, and acts it makes at once, where the request does not say. */
const SWEEP_LIMIT = 1000;
const SWEEP_CONCURRENCY = 4;

export async function makeSweep({ engine, request, budgetMs: defaultMs }: RouteCall): Promise<Answer> {
  const { limit = SWEEP_LIMIT, concurrency = SWEEP_CONCURRENCY, budgetMs } = await readBody(request, "sweep");
  const bound = requestBudgetMs(request, defaultMs);
  const report = await sweep(engine, { limit, concurrency, budgetMs: budgetMs ?? bound });
  return jsonAnswer(report);
}

/** 202 when its time is up first: the collection goes on. */
export async function makeGc({ engine, request, budgetMs: defaultMs }: RouteCall): Promise<Answer> {
  const { dryRun = false, blobs = false } = await readBody(request, "gc");
  const collecting = collectGarbage(engine, { isDryRun: dryRun, isWithBlobs: blobs });
  const report = await within(engine.clock, collecting, requestBudgetMs(request, defaultMs));
  if (report !== null) return jsonAnswer(report);
  return jsonAnswer({ dryRun, underWay: true, removed: [], freedBytes: 0 } satisfies GcJson, 202, retryAfter(1000));
}
