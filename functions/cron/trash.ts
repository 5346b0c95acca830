import type { Digest } from "../../core/digests.ts";
import type { Disk } from "../engine.ts";
import type { GcJson } from "../http/wire.ts";

/** Something that may go, and how. */
export type Trash = GcJson["removed"][number] & { readonly remove: () => Promise<unknown> };

/** Each kind of thing that garbage collection removes. */
export interface TrashOf {
  readonly blob: (digest: Digest, sizeBytes: number | null) => Trash;
  readonly partial: (digest: Digest, sizeBytes: number | null) => Trash;
  readonly layer: (diffId: Digest, sizeBytes: number | null) => Trash;
  readonly staging: (name: string) => Trash;
  readonly upper: (key: string) => Trash;
}

export function trash({ blobs, layers, mounts }: Disk): TrashOf {
  return {
    blob: (name, sizeBytes) => ({ kind: "blob", name, sizeBytes, remove: () => blobs.remove(name) }),
    partial: (name, sizeBytes) => ({ kind: "partial", name, sizeBytes, remove: () => blobs.removePartial(name) }),
    layer: (name, sizeBytes) => ({ kind: "layer", name, sizeBytes, remove: () => layers.remove(name) }),
    staging: (name) => ({ kind: "staging", name, sizeBytes: null, remove: () => layers.discard(name) }),
    upper: (name) => ({ kind: "upper", name, sizeBytes: null, remove: () => mounts.dropUpper(name) }),
  };
}
