import { collectGarbage } from "../cron/collect-garbage.ts";
import { sweep } from "../cron/sweep.ts";
import { readBody } from "./body.ts";
import { requestBudgetMs } from "./request-budget.ts";
import type { RouteCall } from "./route-call.ts";

/** Rows that one sweep looks at, and acts it makes at once, where the request does not say. */
const SWEEP_LIMIT = 1000;
const SWEEP_CONCURRENCY = 4;

export async function makeSweep({ engine, c, budgetMs: defaultMs }: RouteCall): Promise<Response> {
  const { limit = SWEEP_LIMIT, concurrency = SWEEP_CONCURRENCY, budgetMs } = await readBody(c.req.raw, "sweep");
  const bound = requestBudgetMs(c.req.raw, defaultMs);
  const report = await sweep(engine, { limit, concurrency, budgetMs: budgetMs ?? bound });
  return Response.json(report, { headers: { "cache-control": "no-store" } });
}

export async function makeGc({ engine, c }: RouteCall): Promise<Response> {
  const { dryRun, blobs } = await readBody(c.req.raw, "gc");
  return Response.json(await collectGarbage(engine, { isDryRun: dryRun === true, isWithBlobs: blobs === true }));
}
