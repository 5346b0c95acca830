import type { Digest } from "./digests.ts";

/** Whose a name under `tmp/` is. */
export type Unfinished =
  /** Staging or a partial download of one attempt: `<placement>.<fence>…`. */
  | { readonly kind: "attempt"; readonly placementId: number; readonly fence: number }
  /** What has left its place for good and is being deleted: `removed.<diffId>.<id>`, `upper.<key>.<id>`, `work.<key>.<id>`. */
  | { readonly kind: "tombstone" }
  /** A tree that another has taken the place of, and that a mount may still show: `replaced.<diffId>.<id>`. */
  | { readonly kind: "replaced"; readonly diffId: Digest }
  /** The tree that a published one is compared with: `compared.<diffId>.<id>`. */
  | { readonly kind: "comparison" }
  /** Part of a mount of that key that is being made: `fresh.<key>.<id>`, `trial.<key>.<id>`. */
  | { readonly kind: "mount"; readonly key: string }
  | { readonly kind: "other" };

/** Reads a name under `tmp/`; every name that this product gives begins with its kind. */
export function parseUnfinished(name: string): Unfinished {
  const attempt = /^(\d+)\.(\d+)(?:\.|$)/.exec(name);
  if (attempt !== null) return { kind: "attempt", placementId: Number(attempt[1]), fence: Number(attempt[2]) };
  if (/^(?:removed|upper|work)\./.test(name)) return { kind: "tombstone" };
  if (name.startsWith("compared.")) return { kind: "comparison" };
  const replaced = /^replaced\.([0-9a-f]{64})\./.exec(name)?.[1];
  if (replaced !== undefined) return { kind: "replaced", diffId: `sha256:${replaced}` };
  const key = /^(?:fresh|trial)\.(.+)\.[^.]+$/.exec(name)?.[1];
  return key === undefined ? { kind: "other" } : { kind: "mount", key };
}
