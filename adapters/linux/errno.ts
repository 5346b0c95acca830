/** Linux errors that Node or Deno has no name for (Node's calls say `Unknown system error -122`), by number. */
export const NAMES_UNKNOWN_TO_NODE: ReadonlyMap<number, string> = new Map([
  [61, "ENODATA"],
  [66, "EREMOTE"],
  [116, "ESTALE"],
  [122, "EDQUOT"],
]);

/** Whether a thrown value is a failed system call (Node's or ours) with one of these codes, such as `ENOENT`. */
export function hasCode(error: unknown, ...codes: readonly string[]): boolean {
  const code = codeOf(error);
  return code !== null && codes.includes(code);
}

/** The code of a failed system call (Node's or ours), such as `ENOENT`; null for whatever else was thrown. */
export function codeOf(error: unknown): string | null {
  if (!(error instanceof Error) || !("code" in error) || typeof error.code !== "string") return null;
  // Node's own errors have the number negative
  const unnamed = "errno" in error ? NAMES_UNKNOWN_TO_NODE.get(Math.abs(Number(error.errno))) : undefined;
  return unnamed ?? error.code;
}
