import { asImgstoreError, ImgstoreError } from "../../core/errors.ts";
import { otherNamespace } from "../cron/other-namespace.ts";
import { work } from "../cron/worker.ts";
import type { Engine } from "../engine.ts";
import type { Performed } from "../performed.ts";
import type { Log } from "./log.ts";
import type { WorkEvent, WorkOptions } from "./runtime.ts";
import { watchDatabase } from "./watch-database.ts";

/**
 * Runs a worker in this process until it is stopped, or has nothing to do with `once`.
 * @throws {ImgstoreError} ROOT_NOT_WRITABLE when the store has been deleted under it, NEWER_SCHEMA when a newer version
 *   has migrated its database: neither will mend by itself
 */
export async function workOn(engine: Engine, log: Log, options: WorkOptions): Promise<void> {
  const ending = new Ending();
  await work(engine, {
    isOnce: options.once,
    concurrency: options.concurrency,
    signal: AbortSignal.any([options.signal, ending.signal]),
    watch: (onChange) =>
      watchDatabase(engine.settings.db, { onChange, onGone: () => ending.becauseOf(deleted(engine.settings.root)) }),
    onPerformed: (name, performed, durationMs) => {
      const event = toEvent(name, performed, durationMs);
      if (event !== null) options.onEvent?.(event);
    },
    onUnjudged: (count) => {
      if (count > 0) log.error("some images are not looked after", otherNamespace(count));
    },
    onError: (thrown) => {
      const error = asImgstoreError(thrown);
      if (error.code === "NEWER_SCHEMA") ending.becauseOf(error);
      else log.error("the worker could not go on", error);
    },
  });
  ending.throwReason();
}

/** Why a worker ends that nobody stopped. */
class Ending {
  readonly #controller = new AbortController();
  #reason: ImgstoreError | null = null;

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  becauseOf(reason: ImgstoreError): void {
    this.#reason ??= reason;
    this.#controller.abort();
  }

  throwReason(): void {
    if (this.#reason !== null) throw this.#reason;
  }
}

function deleted(root: string): ImgstoreError {
  return new ImgstoreError("ROOT_NOT_WRITABLE", `the store "${root}" has been deleted`, {
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
