import type { Digest } from "../../core/digests.ts";
import type { Disk, Engine } from "../engine.ts";
import type { GcJson } from "../http/wire.ts";

/** Something that may go, and how. */
export interface Trash {
  readonly entry: GcJson["removed"][number];
  /** False where it turned out to be wanted. */
  readonly remove: () => Promise<boolean>;
}

/** Each kind of thing that garbage collection removes. */
export interface TrashOf {
  /** Of a row that is marked. */
  readonly blob: (digest: Digest, sizeBytes: number | null) => Trash;
  readonly layer: (diffId: Digest, sizeBytes: number | null) => Trash;
  /** Of no row. */
  readonly strayBlob: (digest: Digest, sizeBytes: number | null) => Trash;
  readonly strayLayer: (diffId: Digest) => Trash;
  readonly partial: (digest: Digest, sizeBytes: number | null) => Trash;
  readonly staging: (name: string) => Trash;
  readonly upper: (key: string) => Trash;
}

export function trash({ work, images }: Engine, { blobs, layers, mounts }: Disk): TrashOf {
  const { form } = layers;
  return {
    blob: (digest, sizeBytes) => trashOf("blob", digest, sizeBytes, async () => void (await blobs.remove(digest))),
    layer: (diffId, sizeBytes) => trashOf("layer", diffId, sizeBytes, () => layers.remove(diffId)),
    // Somebody may have taken it up since it was found: only what can still be marked goes.
    strayBlob: (digest, sizeBytes) =>
      trashOf("blob", digest, sizeBytes, async () => {
        if (!(await work.markStrayBlob(digest))) return false;
        await blobs.remove(digest);
        return work.sweepGarbage({ blobs: [{ digest, sizeBytes }], layers: [] });
      }),
    strayLayer: (diffId) =>
      trashOf("layer", diffId, null, async () => {
        if (!(await work.markStrayLayer(diffId, form))) return false;
        await layers.remove(diffId);
        const row = { digest: diffId, form, diffId, stagedName: null, sizeBytes: null };
        return work.sweepGarbage({ blobs: [], layers: [row] });
      }),
    partial: (digest, sizeBytes) => trashOf("partial", digest, sizeBytes, () => blobs.removePartial(digest)),
    staging: (name) => trashOf("staging", name, null, () => layers.discard(name)),
    upper: (key) =>
      trashOf("upper", key, null, () => mounts.dropUpper(key, async () => (await images.load(key)) === null)),
  };
}

function trashOf(
  kind: GcJson["removed"][number]["kind"],
  name: string,
  sizeBytes: number | null,
  remove: () => Promise<unknown>,
): Trash {
  return { entry: { kind, name, sizeBytes }, remove: async () => (await remove()) !== false };
}
