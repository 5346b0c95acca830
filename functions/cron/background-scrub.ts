import type { Engine } from "../engine.ts";
import { scrub } from "../verify/scrub.ts";

/** Where nothing was to be looked over, it is asked again after this, in milliseconds: an idle worker reads little. */
const PAUSE_MS = 3_600_000;

/** A worker's share in looking over what is stored: one piece at a time, beside everything else. */
export class BackgroundScrub {
  readonly #engine: Engine;
  readonly #onError: (error: unknown) => void;
  #nextLookMs: number;
  #isRunning = false;

  constructor(engine: Engine, onError: (error: unknown) => void) {
    this.#engine = engine;
    this.#onError = onError;
    this.#nextLookMs = engine.clock.monotonicMs();
  }

  /** Where it is time for it. */
  startNowAndThen(): void {
    const nowMs = this.#engine.clock.monotonicMs();
    if (this.#isRunning || nowMs < this.#nextLookMs) return;
    this.#nextLookMs = nowMs + PAUSE_MS;
    this.#isRunning = true;
    void this.#engine.inFlight
      .aside((signal) => scrub(this.#engine, signal))
      .then((restMs) => {
        if (restMs !== null) this.#nextLookMs = this.#engine.clock.monotonicMs() + restMs;
      })
      .catch(this.#onError)
      .finally(() => {
        this.#isRunning = false;
      });
  }
}
