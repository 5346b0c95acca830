import { sweep } from "../cron/sweep.ts";
import { createApp } from "../http/app.ts";
import { compose } from "./compose.ts";
import { createLog } from "./log.ts";
import { readSettings } from "./settings.ts";

/**
 * The HTTP functions for `deno serve`, with a sweep each minute where the runtime has cron
 * (`deno task serve`).
 */
const settings = readSettings();
const log = createLog(settings.log);
const { engine } = await compose(settings, { outlivesRequests: true });
const app = createApp(engine, {
  token: settings.token,
  budgetMs: settings.requestBudgetMs,
  onInternalError: (error) => log.error("internal error", error),
});

/** The longest a sweep of cron's takes; the next comes a minute later, and Deno never overlaps them. */
const SWEEP_BUDGET_MS = 50_000;

if (typeof Deno.cron === "function") {
  // Not awaited: its promise lasts as long as the cron does.
  void Deno.cron("imgstore sweep", "* * * * *", async () => {
    try {
      await sweep(engine, { limit: 1000, concurrency: 4, budgetMs: SWEEP_BUDGET_MS });
    } catch (error) {
      // Thrown on, it would be run again at once.
      log.error("the sweep failed", error instanceof Error ? error : new Error(String(error)));
    }
  });
}

export default { fetch: app.fetch } satisfies Deno.ServeDefaultExport;
