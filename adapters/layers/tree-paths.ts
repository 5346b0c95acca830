import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { type Digest, hexOf } from "../../core/digests.ts";

/** Where layers and what becomes of them lie below a store's root. What is unfinished says in its name what it is. */
export interface TreePaths {
  readonly trees: string;
  blob(digest: Digest): string;
  tree(diffId: Digest): string;
  unfinished(name: string): string;
  /** Each of these is another one with every call. */
  removed(diffId: Digest): string;
  replaced(diffId: Digest): string;
  compared(diffId: Digest): string;
}

/** @see parseUnfinished */
export function treePaths(root: string): TreePaths {
  const unfinished = (name: string): string => join(root, "tmp", name);
  const newName = (kind: string, diffId: Digest): string => unfinished(`${kind}.${hexOf(diffId)}.${randomUUID()}`);
  return {
    trees: join(root, "images"),
    blob: (digest) => join(root, "blobs", hexOf(digest)),
    tree: (diffId) => join(root, "images", hexOf(diffId)),
    unfinished,
    removed: (diffId) => newName("removed", diffId),
    replaced: (diffId) => newName("replaced", diffId),
    compared: (diffId) => newName("compared", diffId),
  };
}
