import { randomUUID } from "node:crypto";
import type { Clock } from "../core/ports/clock.ts";

/** This process's clock and chance. */
export const systemClock: Clock = {
  monotonicMs: () => performance.now(),
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted === true) return resolve();
      const end = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", end);
        resolve();
      };
      const timer = setTimeout(end, Math.min(ms, 2 ** 31 - 1));
      signal?.addEventListener("abort", end);
    }),
  random: () => Math.random(),
  newId: () => randomUUID(),
};
