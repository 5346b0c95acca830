/** How much of a batch goes to the oldest rows, whatever their priority: one in so many, and at least one. */
const OLDEST_SHARE = 4;

/** How many of a batch's rows are the oldest of all. */
export function oldestShare(limit: number): number {
  return Math.max(1, Math.floor(limit / OLDEST_SHARE));
}

/**
 * At most `limit` rows: those of `byPriority` in their order, but part of the batch is the oldest of all, so that rows
 * of low priority do not starve behind a stream of urgent ones.
 */
export function fairBatch<T extends { readonly id: number }>(
  byPriority: readonly T[],
  oldest: readonly T[],
  limit: number,
): T[] {
  const urgent = byPriority.slice(0, Math.max(0, limit - oldest.length));
  const rest = byPriority.slice(urgent.length);
  const unique = new Map([...urgent, ...oldest, ...rest].map((row) => [row.id, row]));
  return [...unique.values()].slice(0, limit);
}
