/** The first delay's upper bound in milliseconds; each further attempt doubles it. */
export const BACKOFF_BASE_MS = 250;

/**
 * How long to wait before the next attempt, with full jitter: uniform between 0 and the doubled bound, so that many
 * rows that failed together do not come back together.
 * @param attempt attempts made so far, 1 and up
 * @param maxMs the bound's cap in milliseconds
 * @param random uniform in [0, 1)
 * @returns whole milliseconds, 0 to maxMs
 * @see https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 */
export function backoffMs(attempt: number, maxMs: number, random: number): number {
  const bound = Math.min(maxMs, BACKOFF_BASE_MS * 2 ** Math.min(Math.max(attempt, 1) - 1, 30));
  return Math.floor(random * (bound + 1));
}
