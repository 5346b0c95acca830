import { watch } from "node:fs";
import { basename, dirname } from "node:path";
import { systemClock } from "../../adapters/clock.ts";
import { asImgstoreError } from "../../core/errors.ts";
import type { Settings } from "../../core/settings.ts";
import type { WorkerOptions } from "../cron/worker.ts";
import { createApp } from "../http/app.ts";
import type { Performed } from "../performed.ts";
import { type Composed, compose } from "./compose.ts";
import { createLog, type Log } from "./log.ts";
import type { Runtime, WorkEvent, WorkOptions } from "./runtime.ts";

export { readSettings } from "./settings.ts";

/** How long requests and a worker may take to notice that their attempts have been stopped, in milliseconds. */
const LONGEST_FAREWELL_MS = 2000;

/**
 * Opens a store on Node (or Deno) in this process.
 * @throws {ImgstoreError} see `compose`
 */
export async function openRuntime(settings: Settings): Promise<Runtime> {
  const composed = await compose(settings, { outlivesRequests: true });
  const log = createLog(settings.log);
  const onInternalError = (error: Error): void => log.error("internal error", error);
  const inProcess = createApp(composed.engine, { token: null, budgetMs: null, onInternalError });
  const uses = new Set<Promise<unknown>>();
  const use = <T>(promise: Promise<T>): Promise<T> => {
    uses.add(promise);
    const forget = (): boolean => uses.delete(promise);
    promise.then(forget, forget);
    return promise;
  };
  return {
    settings,
    fetch: (request) => use(Promise.resolve(inProcess.fetch(request))),
    work: (options) => use(startWorker(composed, log, options)),
    serve: async () => {
      const { listen } = await import("./listen.ts");
      const { token, requestBudgetMs: budgetMs } = settings;
      const served = createApp(composed.engine, { token, budgetMs, onInternalError });
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

async function startWorker(composed: Composed, log: Log, options: WorkOptions): Promise<void> {
  const { work } = await import("../cron/worker.ts");
  await work(composed.engine, workerOptions(composed, log, options));
}

function workerOptions(composed: Composed, log: Log, options: WorkOptions): WorkerOptions {
  return {
    isOnce: options.once,
    concurrency: options.concurrency,
    signal: options.signal,
    watch: (onChange) => watchDatabase(composed.engine.settings.db, onChange),
    onPerformed: (name, performed, durationMs) => {
      const event = toEvent(name, performed, durationMs);
      if (event !== null) options.onEvent?.(event);
    },
    onError: (error) => log.error("the worker could not go on", asImgstoreError(error)),
  };
}

/** Another process's commit shows in the write-ahead log: the kernel tells us, so that nobody has to poll. */
function watchDatabase(db: string, onChange: () => void): () => void {
  const path = db.slice("file:".length);
  const names = new Set([basename(path), `${basename(path)}-wal`]);
  const watcher = watch(dirname(path), { persistent: false }, (_event, name) => {
    if (name !== null && names.has(name)) onChange();
  });
  // No watch left (inotify limits) is no harm: the worker looks by itself now and then.
  watcher.on("error", () => watcher.close());
  return () => watcher.close();
}

function toEvent(name: string, performed: Performed, durationMs: number): WorkEvent | null {
  if (performed.kind !== "made" && performed.kind !== "postponed") return null;
  return {
    name,
    move: performed.move,
    toState: performed.kind === "made" ? performed.toState : null,
    error: performed.error,
    durationMs: Math.round(durationMs),
  };
}
