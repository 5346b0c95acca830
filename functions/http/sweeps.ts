import type { Hono } from "hono";
import { collectGarbage } from "../cron/collect-garbage.ts";
import { sweep } from "../cron/sweep.ts";
import type { Engine } from "../engine.ts";
import { readBody } from "./body.ts";
import { requestBudgetMs } from "./request-budget.ts";

/** What cron calls. */
export function addSweepRoutes(app: Hono, engine: Engine, defaultBudgetMs: number | null): void {
  app.post("/v1/sweep", async (c) => {
    const { limit, budgetMs, concurrency } = await readBody(c.req.raw, "sweep");
    const bound = requestBudgetMs(c.req.raw, defaultBudgetMs);
    const report = await sweep(engine, {
      limit: limit ?? 1000,
      concurrency: concurrency ?? 4,
      budgetMs: budgetMs ?? bound,
    });
    return Response.json(report, { headers: { "cache-control": "no-store" } });
  });

  app.post("/v1/gc", async (c) => {
    const { dryRun, blobs } = await readBody(c.req.raw, "gc");
    return Response.json(await collectGarbage(engine, { isDryRun: dryRun === true, isWithBlobs: blobs === true }));
  });
}
