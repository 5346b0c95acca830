/**
 * The candidate that a mistyped word most likely means: one that it is the beginning of, else the nearest by
 * Damerau-Levenshtein distance (swapped neighbours count as one mistake); null where nothing is near.
 */
export function suggest(word: string, candidates: readonly string[]): string | null {
  const longer = word.length < 3 ? undefined : candidates.find((candidate) => candidate.startsWith(word));
  if (longer !== undefined) return longer;
  const most = Math.max(1, Math.floor(word.length / 3));
  const near = candidates
    .map((candidate) => ({ candidate, distance: distance(word, candidate) }))
    .filter((pair) => pair.distance <= most)
    .toSorted((a, b) => a.distance - b.distance);
  return near[0]?.candidate ?? null;
}

function distance(from: string, to: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let row = 1; row <= from.length; row++) {
    const current = [row];
    for (let column = 1; column <= to.length; column++) {
      const isSame = from[row - 1] === to[column - 1];
      const edits = [at(last, column) + 1, at(current, column - 1) + 1, at(last, column - 1) + (isSame ? 0 : 1)];
      const isSwapped = row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      if (isSwapped) edits.push(at(beforeLast, column - 2) + 1);
      current.push(Math.min(...edits));
    }
    beforeLast = last;
    last = current;
  }
  return at(last, to.length);
}

function at(row: readonly number[], column: number): number {
  return row[column] ?? Number.POSITIVE_INFINITY;
}
