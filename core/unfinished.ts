/** Whose a name under `tmp/` is. */
export type Unfinished =
  /** Staging or a partial download of one attempt: `<placement>.<fence>…`. */
  | { readonly kind: "attempt"; readonly placementId: number; readonly fence: number }
  /** What has left its place for good and is being deleted: `removed.<diffId>.<id>`, `upper.<key>.<id>`, `work.<key>.<id>`. */
  | { readonly kind: "tombstone" }
  /** Part of a mount of that key that is being made: `fresh.<key>.<id>`, `trial.<key>.<id>`. */
  | { readonly kind: "mount"; readonly key: string }
  | { readonly kind: "other" };

/** Reads a name under `tmp/`; every name that this product gives begins with its kind. */
export function parseUnfinished(name: string): Unfinished {
  const attempt = /^(\d+)\.(\d+)(?:\.|$)/.exec(name);
  if (attempt !== null) return { kind: "attempt", placementId: Number(attempt[1]), fence: Number(attempt[2]) };
  if (/^(?:removed|upper|work)\./.test(name)) return { kind: "tombstone" };
  const key = /^(?:fresh|trial)\.(.+)\.[^.]+$/.exec(name)?.[1];
  return key === undefined ? { kind: "other" } : { kind: "mount", key };
}
