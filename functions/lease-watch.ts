import { ImgstoreError } from "../core/errors.ts";
import type { Claim, Progress } from "../core/ports/image-rows.ts";
import { heartbeatMs, trustedUntilMs } from "../core/protocol/lease.ts";
import type { Engine } from "./engine.ts";
import type { StopReason } from "./in-flight.ts";

/** After this many leases without a sign of life the act is taken for hung, and its lease is let go. */
const HUNG_AFTER_LEASES = 4;

/**
 * Keeps the lease of one attempt while it shows signs of life, and asks it to stop when the lease is over: by the
 * database's word, or by this process's own monotonic clock at two thirds, whatever has stopped it meanwhile.
 */
export class Lease {
  readonly #engine: Engine;
  readonly #claim: Claim;
  readonly #controller = new AbortController();
  readonly #ticker: ReturnType<typeof setInterval>;
  #trustedUntilMs: number;
  #signOfLifeMs: number;
  #progress: Progress | null = null;
  #beating: Promise<boolean> | null = null;
  #stopReason: StopReason | null = null;

  /** @param sentAtMs the monotonic time before the claim was sent */
  constructor(engine: Engine, claim: Claim, sentAtMs: number) {
    this.#engine = engine;
    this.#claim = claim;
    this.#trustedUntilMs = trustedUntilMs(sentAtMs, engine.settings.leaseMs);
    this.#signOfLifeMs = sentAtMs;
    this.#ticker = setInterval(() => this.#tick(), heartbeatMs(engine.settings.leaseMs));
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  get stopReason(): StopReason | null {
    return this.#stopReason;
  }

  get progress(): Progress | null {
    return this.#progress;
  }

  /** A sign of life of the act. */
  report(progress: Progress): void {
    this.#progress = progress;
    this.#signOfLifeMs = this.#engine.clock.monotonicMs();
  }

  stop(reason: StopReason): void {
    this.#stopReason ??= reason;
    this.#controller.abort();
  }

  /** Asks the database now whether the claim is still ours, and pushes the lease on. */
  async beat(): Promise<boolean> {
    this.#beating ??= this.#beatOnce().finally(() => {
      this.#beating = null;
    });
    const isOurs = await this.#beating;
    // The answer may be old when it is read: the process can have been stopped since it was given.
    return isOurs && this.#engine.clock.monotonicMs() < this.#trustedUntilMs;
  }

  /** Ends the heartbeat before the last write under the claim, so that none overtakes it. */
  async lastWord<T>(write: () => Promise<T>): Promise<T> {
    clearInterval(this.#ticker);
    await this.#beating?.catch(() => false);
    return write();
  }

  end(): void {
    clearInterval(this.#ticker);
  }

  async #beatOnce(): Promise<boolean> {
    const sentAtMs = this.#engine.clock.monotonicMs();
    const isOurs = await this.#engine.images.heartbeat(this.#claim, this.#engine.settings.leaseMs, this.#progress);
    if (isOurs) this.#trustedUntilMs = trustedUntilMs(sentAtMs, this.#engine.settings.leaseMs);
    else this.stop("lease-lost");
    return isOurs;
  }

  #tick(): void {
    const now = this.#engine.clock.monotonicMs();
    if (now >= this.#trustedUntilMs) this.stop("lease-lost");
    const isHung = now - this.#signOfLifeMs > HUNG_AFTER_LEASES * this.#engine.settings.leaseMs;
    if (this.#stopReason === "lease-lost" || isHung) return;
    // A database that does not answer now may at the next tick; the monotonic clock ends the attempt if it never does.
    this.beat().catch((error: unknown) => {
      if (error instanceof ImgstoreError && error.code === "NEWER_SCHEMA") this.stop("lease-lost");
    });
  }
}
