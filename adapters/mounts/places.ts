import { randomUUID } from "node:crypto";
import { join, resolve } from "node:path";
import { type Digest, hexOf } from "../../core/digests.ts";

/** Where a store keeps what a mount is made of; all paths absolute. */
export interface Places {
  readonly active: string;
  readonly overlays: string;
  readonly tmp: string;
  layerOf(diffId: Digest): string;
  /** Of a key: the mount point, and the directory that its upper and its work live and die in. */
  mountPointOf(key: string): string;
  writableOf(key: string): string;
  /** A name under `tmp/` that nobody else has. */
  newTemporary(kind: string): string;
}

export function placesUnder(root: string): Places {
  const active = resolve(root, "active");
  const overlays = resolve(root, "overlays");
  const tmp = resolve(root, "tmp");
  return {
    active,
    overlays,
    tmp,
    layerOf: (diffId) => resolve(root, "images", hexOf(diffId)),
    mountPointOf: (key) => join(active, key),
    writableOf: (key) => join(overlays, key),
    newTemporary: (kind) => join(tmp, `${kind}.${randomUUID()}`),
  };
}
