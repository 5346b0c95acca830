/** Measures a rate over the last seconds, so that it follows a line's changes without jumping at each block. */
export interface RateMeter {
  /** Enters how much is done by now; a smaller amount than before begins anew. */
  readonly enter: (doneBytes: number, nowMs: number) => void;
  /** Null until there is something to measure. */
  readonly bytesPerSecond: () => number | null;
}

const WINDOW_MS = 5000;

export function rateMeter(): RateMeter {
  let samples: { readonly doneBytes: number; readonly atMs: number }[] = [];
  return {
    enter: (doneBytes, atMs) => {
      if (doneBytes < (samples.at(-1)?.doneBytes ?? 0)) samples = [];
      samples.push({ doneBytes, atMs });
      while (samples.length > 2 && atMs - (samples[0]?.atMs ?? atMs) > WINDOW_MS) samples.shift();
    },
    bytesPerSecond: () => {
      const [first, last] = [samples[0], samples.at(-1)];
      if (first === undefined || last === undefined || last.atMs - first.atMs < 200) return null;
      return ((last.doneBytes - first.doneBytes) * 1000) / (last.atMs - first.atMs);
    },
  };
}
