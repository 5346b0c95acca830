import type { StopSignal } from "../core/ports/abort-signal.ts";
import type { Progress } from "../core/ports/image-rows.ts";

/** The attempts of this process: for live progress, for waking its worker, and for ending them at shutdown. */
export class InFlight {
  readonly #attempts = new Map<number, RunningAttempt>();
  readonly #listeners = new Set<() => void>();
  readonly #asides = new Set<Promise<unknown>>();
  readonly #closing = new AbortController();

  get size(): number {
    return this.#attempts.size;
  }

  get isClosing(): boolean {
    return this.#closing.signal.aborted;
  }

  /** Enters an attempt until its `ended` settles. */
  add(placementId: number, attempt: RunningAttempt): void {
    this.#attempts.set(placementId, attempt);
    const leave = (): void => {
      if (this.#attempts.get(placementId) === attempt) this.#attempts.delete(placementId);
      this.wake();
    };
    attempt.ended.then(leave, leave);
  }

  has(placementId: number): boolean {
    return this.#attempts.has(placementId);
  }

  /** Fresher than the row's, which is as old as the last heartbeat. */
  progressOf(placementId: number): Progress | null {
    return this.#attempts.get(placementId)?.progress() ?? null;
  }

  /** Something may be due sooner than was thought. */
  wake(): void {
    for (const listener of this.#listeners) listener();
  }

  onWake(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Asks an attempt to stop, as its row has been taken from it; the heartbeat would find out later. */
  overrule(placementId: number): void {
    this.#attempts.get(placementId)?.stop("overruled");
  }

  /** Runs what is no attempt, and has to end before everything it uses is let go: its signal fires when that is near. */
  async aside<T>(run: (signal: StopSignal) => Promise<T>): Promise<T> {
    const running = run(this.#closing.signal);
    this.#asides.add(running);
    try {
      return await running;
    } finally {
      this.#asides.delete(running);
    }
  }

  /** Asks every attempt to stop with its progress kept, and waits until all have settled or released. */
  async close(): Promise<void> {
    this.#closing.abort();
    for (const attempt of this.#attempts.values()) attempt.stop("shutdown");
    await Promise.allSettled([...this.#attempts.values()].map((attempt) => attempt.ended));
    await Promise.allSettled(this.#asides);
  }
}

export interface RunningAttempt {
  readonly ended: Promise<unknown>;
  readonly progress: () => Progress | null;
  readonly stop: (reason: StopReason) => void;
}

/** Why an act is asked to stop. */
export type StopReason = "budget" | "shutdown" | "overruled" | "lease-lost";
