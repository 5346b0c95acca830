import { asImgstoreError, ImgstoreError } from "../../core/errors.ts";
import { work } from "../cron/worker.ts";
import type { Engine } from "../engine.ts";
import type { Performed } from "../performed.ts";
import type { Log } from "./log.ts";
import type { WorkEvent, WorkOptions } from "./runtime.ts";
import { watchDatabase } from "./watch-database.ts";

/**
 * Runs a worker in this process until it is stopped, or has nothing to do with `once`.
 * @throws {ImgstoreError} ROOT_NOT_WRITABLE when the store has been deleted under it
 */
export async function workOn(engine: Engine, log: Log, options: WorkOptions): Promise<void> {
  const gone = new AbortController();
  await work(engine, {
    isOnce: options.once,
    concurrency: options.concurrency,
    signal: AbortSignal.any([options.signal, gone.signal]),
    watch: (onChange) => watchDatabase(engine.settings.db, { onChange, onGone: () => gone.abort() }),
    onPerformed: (name, performed, durationMs) => {
      const event = toEvent(name, performed, durationMs);
      if (event !== null) options.onEvent?.(event);
    },
    onError: (error) => log.error("the worker could not go on", asImgstoreError(error)),
  });
  if (!gone.signal.aborted) return;
  throw new ImgstoreError("ROOT_NOT_WRITABLE", `the store "${engine.settings.root}" has been deleted`, {
    hint: "start the worker again where there is a store",
  });
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
