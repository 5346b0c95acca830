import type { Garbage } from "../../core/ports/work-rows.ts";
import type { Disk, Engine } from "../engine.ts";
import type { GcJson } from "../http/wire.ts";
import { findStrays } from "./strays.ts";
import { type Trash, trash } from "./trash.ts";

export interface GcOptions {
  /** Only say what would go. */
  readonly isDryRun: boolean;
  /** Also drop blobs that are kept for the repair of images that are there. */
  readonly isWithBlobs: boolean;
}

/**
 * Removes what nothing refers to: blobs and layers by their rows, then what lies in the store without a row (strays,
 * partial downloads, what died attempts left under `tmp/`, uppers of images that are gone). A row is marked before its
 * files go, so that no fetch takes up what is about to vanish.
 */
export async function collectGarbage(engine: Engine, options: GcOptions): Promise<GcJson> {
  const disk = await engine.disk();
  const scope = options.isWithBlobs || !engine.settings.keepBlobs ? "all-blobs" : "unreferenced";
  const garbage = options.isDryRun ? await engine.work.findGarbage(scope) : await engine.work.markGarbage(scope);
  const found = [...marked(disk, garbage), ...(await findStrays(engine, disk, garbage))];
  if (!options.isDryRun) {
    for (const { remove } of found) await remove();
    await engine.work.sweepGarbage(garbage);
  }
  return {
    dryRun: options.isDryRun,
    removed: found.map(({ kind, name, sizeBytes }) => ({ kind, name, sizeBytes })),
    freedBytes: found.reduce((sum, { sizeBytes }) => sum + (sizeBytes ?? 0), 0),
  };
}

function marked(disk: Disk, garbage: Garbage): Trash[] {
  const { blob, layer } = trash(disk);
  return [
    ...garbage.blobs.map(({ digest, sizeBytes }) => blob(digest, sizeBytes)),
    ...garbage.layers.flatMap(({ diffId, sizeBytes }) => (diffId === null ? [] : [layer(diffId, sizeBytes)])),
  ];
}
