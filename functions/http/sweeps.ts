import { collectGarbage } from "../cron/collect-garbage.ts";
import { sweep } from "../cron/sweep.ts";
import { readBody } from "./body.ts";
import { jsonAnswer } from "./json-answer.ts";
import { requestBudgetMs } from "./request-budget.ts";
import type { Answer, RouteCall } from "./route-call.ts";

/** Rows that one sweep looks at, and acts it makes at once, where the request does not say. */
const SWEEP_LIMIT = 1000;
const SWEEP_CONCURRENCY = 4;

export async function makeSweep({ engine, request, budgetMs: defaultMs }: RouteCall): Promise<Answer> {
  const { limit = SWEEP_LIMIT, concurrency = SWEEP_CONCURRENCY, budgetMs } = await readBody(request, "sweep");
  const bound = requestBudgetMs(request, defaultMs);
  const report = await sweep(engine, { limit, concurrency, budgetMs: budgetMs ?? bound });
  return jsonAnswer(report);
}

export async function makeGc({ engine, request }: RouteCall): Promise<Answer> {
  const { dryRun, blobs } = await readBody(request, "gc");
  return jsonAnswer(await collectGarbage(engine, { isDryRun: dryRun === true, isWithBlobs: blobs === true }));
}
