import { setImmediate } from "node:timers/promises";
import type { Clock } from "../../core/ports/clock.ts";

interface Sleeper {
  readonly untilMs: number;
  readonly wake: () => void;
}

/** A clock that goes on when it is told to; everything else that uses it is real. */
export class SteppedClock implements Clock {
  readonly #ids: Clock;
  readonly #sleepers = new Set<Sleeper>();
  /** What was asked for, in milliseconds. */
  readonly sleeps: number[] = [];
  #nowMs = 0;

  /** @param ids where chance and fresh ids come from */
  constructor(ids: Clock) {
    this.#ids = ids;
  }

  monotonicMs(): number {
    return this.#nowMs;
  }

  random(): number {
    return this.#ids.random();
  }

  newId(): string {
    return this.#ids.newId();
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    this.sleeps.push(ms);
    if (signal?.aborted === true) return;
    if (ms <= 0) return setImmediate();
    await new Promise<void>((resolve) => {
      const sleeper = { untilMs: this.#nowMs + ms, wake: resolve };
      this.#sleepers.add(sleeper);
      signal?.addEventListener("abort", () => {
        this.#sleepers.delete(sleeper);
        resolve();
      });
    });
  }

  /** Lets time pass, and wakes whoever slept no longer. */
  advance(ms: number): void {
    this.#nowMs += ms;
    for (const sleeper of this.#sleepers) {
      if (sleeper.untilMs > this.#nowMs) continue;
      this.#sleepers.delete(sleeper);
      sleeper.wake();
    }
  }

  get sleeping(): number {
    return this.#sleepers.size;
  }
}
