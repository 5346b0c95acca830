/** What a wait ends in when its signal fired first. */
export const ABORTED: unique symbol = Symbol("aborted");

/**
 * The work's result, or ABORTED as soon as the signal fires; the work itself goes on then, and how it ends is no longer
 * of interest to anybody here.
 */
export async function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T | typeof ABORTED> {
  const done = new AbortController();
  try {
    return await Promise.race([aborted(signal, done.signal), work]);
  } finally {
    done.abort();
  }
}

/** Resolves when the signal fires. After `noLonger` has fired, nothing of it listens any more. */
export async function aborted(signal: AbortSignal, noLonger?: AbortSignal): Promise<typeof ABORTED> {
  if (!signal.aborted) {
    await new Promise<void>((resolve) => {
      const listening = noLonger === undefined ? {} : { signal: noLonger };
      signal.addEventListener("abort", () => resolve(), { once: true, ...listening });
    });
  }
  return ABORTED;
}

/** Resolves after `ms`, or at once when the signal fires. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const elapsed = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await untilAborted(elapsed, signal);
  clearTimeout(timer);
}
