import { ImgstoreError } from "../../core/errors.ts";
import type { Garbage } from "../../core/ports/work-rows.ts";
import type { Disk, Engine } from "../engine.ts";
import type { GcJson } from "../http/wire.ts";
import { deleteTombstones } from "./delete-tombstones.ts";
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
 * files go, so that no fetch takes up what is about to vanish; trees go by one rename to a tombstone each, after which the
 * rows follow at once, and the deleting of the tombstones keeps nobody waiting. One collection of a store at a time.
 * @throws {ImgstoreError} LEASED when another is under way
 */
export async function collectGarbage(engine: Engine, options: GcOptions): Promise<GcJson> {
  const disk = await engine.disk();
  const found = await disk.locks.alone("gc", () => collect(engine, disk, options));
  if (found === null) {
    throw new ImgstoreError("LEASED", "another collection of this store is under way", { hint: "try again after it" });
  }
  if (!options.isDryRun) {
    await engine.reaper.settled();
    await deleteTombstones(engine.work, disk);
  }
  return {
    dryRun: options.isDryRun,
    underWay: false,
    removed: found.map(({ entry }) => entry),
    freedBytes: found.reduce((sum, { entry }) => sum + (entry.sizeBytes ?? 0), 0),
  };
}

async function collect(engine: Engine, disk: Disk, options: GcOptions): Promise<readonly Trash[]> {
  const scope = options.isWithBlobs || !engine.settings.keepBlobs ? "all-blobs" : "unreferenced";
  const garbage = options.isDryRun ? await engine.work.findGarbage(scope) : await engine.work.markGarbage(scope);
  const rows = marked(engine, disk, garbage);
  const strays = await findStrays(engine, disk, garbage);
  if (options.isDryRun) return [...rows, ...strays];
  await sweepAway(engine, garbage, rows);
  const removed: Trash[] = [];
  for (const stray of strays) if (await stray.remove()) removed.push(stray);
  return [...rows, ...removed];
}

/**
 * Takes away, and forgets, what has been marked; and deletes it.
 * @returns null when another collection is under way: that one does not know of these marks, the next one will
 */
export async function removeMarked(engine: Engine, mark: () => Promise<Garbage>): Promise<Garbage | null> {
  const disk = await engine.disk();
  const removed = await disk.locks.alone("gc", async () => {
    const garbage = await mark();
    await sweepAway(engine, garbage, marked(engine, disk, garbage));
    return garbage;
  });
  await engine.reaper.settled();
  await deleteTombstones(engine.work, disk);
  return removed;
}

/** Ends what a collection has begun and not ended: until then, whoever needs such a blob or layer waits. */
export async function finishCollection(engine: Engine): Promise<void> {
  const left = await engine.work.findGarbage("leaving");
  if (left.blobs.length + left.layers.length > 0) await removeMarked(engine, () => engine.work.findGarbage("leaving"));
}

/** The files leave first: a row that is gone would let a fetch begin on what is still there. */
async function sweepAway(engine: Engine, garbage: Garbage, files: readonly Trash[]): Promise<void> {
  for (const { remove } of files) await remove();
  // Where there was none, nobody is woken who waits for room: he would look for garbage in his turn, and wake us.
  if (garbage.blobs.length + garbage.layers.length > 0) await engine.work.sweepGarbage(garbage);
}

function marked(engine: Engine, disk: Disk, garbage: Garbage): Trash[] {
  const { blob, layer } = trash(engine, disk);
  return [
    ...garbage.blobs.map(({ digest, sizeBytes }) => blob(digest, sizeBytes)),
    ...garbage.layers.flatMap(({ diffId, sizeBytes }) => (diffId === null ? [] : [layer(diffId, sizeBytes)])),
  ];
}
