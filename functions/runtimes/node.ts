import type { Hono } from "hono";
import { systemClock } from "../../adapters/clock.ts";
import type { Settings } from "../../core/settings.ts";
import { routesInProcess } from "../http/in-process.ts";
import { compose } from "./compose.ts";
import { createLog } from "./log.ts";
import type { Runtime } from "./runtime.ts";

export { readSettings } from "./settings.ts";

/** How long requests and a worker may take to notice that their attempts have been stopped, in milliseconds. */
const LONGEST_FAREWELL_MS = 2000;

/**
 * Opens a store on Node (or Deno) in this process.
 * @param unpacksSoon whether an image is about to be fetched
 * @throws {ImgstoreError} see `compose`
 */
export async function openRuntime(
  settings: Settings,
  { unpacksSoon = false }: { readonly unpacksSoon?: boolean } = {},
): Promise<Runtime> {
  const composed = await compose(settings, { outlivesRequests: true, unpacksSoon });
  const log = createLog(settings.log);
  const onInternalError = (error: Error): void => log.error("internal error", error);
  const inProcess = routesInProcess(composed.engine, onInternalError);
  const createAppFor = async (token: string | null, budgetMs: number | null): Promise<Hono> => {
    const { createApp } = await import("../http/app.ts");
    return createApp(composed.engine, { token, budgetMs, onInternalError });
  };
  let open: Promise<Hono> | null = null;
  const uses = new Set<Promise<unknown>>();
  const use = <T>(promise: Promise<T>): Promise<T> => {
    uses.add(promise);
    const forget = (): boolean => uses.delete(promise);
    promise.then(forget, forget);
    return promise;
  };
  return {
    settings,
    call: (call) => use(inProcess(call)),
    fetch: (request) => use((open ??= createAppFor(null, null)).then((app) => app.fetch(request))),
    // In use from the start: a signal may come while the worker is still being loaded.
    work: (options) => use(import("./work-on.ts").then(({ workOn }) => workOn(composed.engine, log, options))),
    serve: async () => {
      const { listen } = await import("./listen.ts");
      const served = await createAppFor(settings.token, settings.requestBudgetMs);
      return listen((request) => use(Promise.resolve(served.fetch(request))), settings);
    },
    diagnose: async () => {
      const { diagnose } = await import("./diagnose.ts");
      return diagnose(composed);
    },
    close: async () => {
      // The attempts first; then whoever waited for one has its answer to read from the database before that closes.
      await composed.engine.inFlight.close();
      const ended = new AbortController();
      const patience = systemClock.sleep(LONGEST_FAREWELL_MS, ended.signal);
      await Promise.race([Promise.allSettled(uses), patience]);
      ended.abort();
      await composed.close();
    },
  };
}
