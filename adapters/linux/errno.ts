/** Linux errors that Node has no name for (its own calls say `Unknown system error -122`), by number. */
export const NAMES_UNKNOWN_TO_NODE: ReadonlyMap<number, string> = new Map([
  [66, "EREMOTE"],
  [116, "ESTALE"],
  [122, "EDQUOT"],
]);

/** Whether a thrown value is a failed system call (Node's or ours) with one of these codes, such as `ENOENT`. */
export function hasCode(error: unknown, ...codes: readonly string[]): boolean {
  if (!(error instanceof Error) || !("code" in error)) return false;
  // Node's own errors have the number negative
  const unnamed = "errno" in error ? NAMES_UNKNOWN_TO_NODE.get(Math.abs(Number(error.errno))) : undefined;
  return codes.includes(unnamed ?? String(error.code));
}
