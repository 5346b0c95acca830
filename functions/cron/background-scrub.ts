import { asImgstoreError } from "../../core/errors.ts";
import type { Engine } from "../engine.ts";
import { scrub } from "../verify/scrub.ts";

/** The next piece is looked for this often, in milliseconds; how long the node rests after one is in the database. */
const LOOK_EVERY_MS = 60_000;

/** A worker's share in looking over what is stored: one piece at a time, beside everything else. */
export class BackgroundScrub {
  readonly #engine: Engine;
  readonly #onError: (error: unknown) => void;
  #lookedAtMs: number;
  #isRunning = false;

  constructor(engine: Engine, onError: (error: unknown) => void) {
    this.#engine = engine;
    this.#onError = onError;
    this.#lookedAtMs = engine.clock.monotonicMs();
  }

  /** Where it is time for it. */
  startNowAndThen(): void {
    const nowMs = this.#engine.clock.monotonicMs();
    if (this.#isRunning || nowMs - this.#lookedAtMs < LOOK_EVERY_MS) return;
    this.#lookedAtMs = nowMs;
    this.#isRunning = true;
    void this.#engine.inFlight
      .aside((signal) => scrub(this.#engine, signal))
      .catch((error: unknown) => {
        if (asImgstoreError(error).code !== "INTERRUPTED") this.#onError(error);
      })
      .finally(() => {
        this.#isRunning = false;
      });
  }
}
