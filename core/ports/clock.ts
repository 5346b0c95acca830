import type { StopSignal } from "./abort-signal.ts";

/** Time and chance of this process; the rows' times are the database's. */
export interface Clock {
  /** Monotonic, in milliseconds: for leases and durations. */
  monotonicMs(): number;
  /** Resolves after `ms`, or at once when the signal fires. */
  sleep(ms: number, signal?: StopSignal): Promise<void>;
  /** Uniform in [0, 1). */
  random(): number;
  /** A fresh operation id. */
  newId(): string;
}
