import type { Digest } from "../../core/digests.ts";
import type { Garbage } from "../../core/ports/work-rows.ts";
import type { Disk, Engine } from "../engine.ts";
import type { GcJson } from "../http/wire.ts";

export interface GcOptions {
  /** Only say what would go. */
  readonly isDryRun: boolean;
  /** Also drop blobs that are kept for the repair of images that are there. */
  readonly isWithBlobs: boolean;
}

type Removed = GcJson["removed"][number];

/**
 * Removes what nothing refers to: blobs and layers by their rows, then what lies in the store without a row (strays,
 * partial downloads, what died attempts left under `tmp/`, uppers of images that are gone). A row is marked before its
 * files go, so that no fetch takes up what is about to vanish.
 */
export async function collectGarbage(engine: Engine, options: GcOptions): Promise<GcJson> {
  const disk = await engine.disk();
  const scope = options.isWithBlobs || !engine.settings.keepBlobs ? "all-blobs" : "unreferenced";
  const garbage = options.isDryRun ? await engine.work.findGarbage(scope) : await engine.work.markGarbage(scope);
  const removed = [...listGarbage(garbage), ...(await findStrays(engine, disk, garbage))];
  if (!options.isDryRun) {
    for (const stray of removed) await remove(disk, stray);
    await engine.work.sweepGarbage(garbage);
  }
  return {
    dryRun: options.isDryRun,
    removed,
    freedBytes: removed.reduce((sum, { sizeBytes }) => sum + (sizeBytes ?? 0), 0),
  };
}

function listGarbage(garbage: Garbage): Removed[] {
  const blobs = garbage.blobs.map(({ digest, sizeBytes }): Removed => ({ kind: "blob", name: digest, sizeBytes }));
  const layers = garbage.layers.flatMap(({ diffId, sizeBytes }): Removed[] =>
    diffId === null ? [] : [{ kind: "layer", name: diffId, sizeBytes }],
  );
  return [...blobs, ...layers];
}

/** What the store holds and no row speaks of. The rows are read after the disk: what came meanwhile has a row by then. */
async function findStrays(engine: Engine, disk: Disk, garbage: Garbage): Promise<Removed[]> {
  const stored = await disk.blobs.listStored();
  const partials = await disk.blobs.listFreePartials();
  const trees = await disk.layers.list();
  const unfinished = await disk.layers.listUnfinished();
  const uppers = await disk.mounts.listUppers();
  const { blobs, layers, claims } = await engine.work.inventory();

  const marked = new Set<string>([...garbage.blobs, ...garbage.layers].map(({ digest }) => digest));
  const knownBlobs = new Set<Digest>(blobs.filter(({ state }) => state !== "absent").map(({ digest }) => digest));
  const wantedBlobs = new Set<Digest>(blobs.filter(({ digest }) => !marked.has(digest)).map(({ digest }) => digest));
  const knownTrees = new Set(layers.flatMap(({ diffId, staged }) => [diffId, staged?.diffId ?? null]));
  const stagedNames = new Set(layers.flatMap(({ staged }) => (staged === null ? [] : [staged.name])));
  const liveAttempts = claims.map(({ placementId, fence }) => `${placementId}.${fence}`);
  const isLive = (name: string): boolean =>
    stagedNames.has(name) || liveAttempts.some((attempt) => name === attempt || name.startsWith(`${attempt}.`));

  const strays: Removed[] = [
    ...stored
      .filter(({ digest }) => !knownBlobs.has(digest))
      .map(({ digest, sizeBytes }) => stray("blob", digest, sizeBytes)),
    ...partials
      .filter(({ digest }) => !wantedBlobs.has(digest))
      .map(({ digest, sizeBytes }) => stray("partial", digest, sizeBytes)),
    ...trees.filter((diffId) => !knownTrees.has(diffId)).map((diffId) => stray("layer", diffId, null)),
    ...unfinished.filter((name) => !isLive(name)).map((name) => stray("staging", name, null)),
  ];
  for (const key of uppers) if ((await engine.images.load(key)) === null) strays.push(stray("upper", key, null));
  return strays;
}

function stray(kind: Removed["kind"], name: string, sizeBytes: number | null): Removed {
  return { kind, name, sizeBytes };
}

async function remove(disk: Disk, { kind, name }: Removed): Promise<void> {
  switch (kind) {
    case "blob":
      await disk.blobs.remove(name as Digest);
      return;
    case "partial":
      await disk.blobs.removePartial(name as Digest);
      return;
    case "layer":
      await disk.layers.remove(name as Digest);
      return;
    case "staging":
      await disk.layers.discard(name);
      return;
    case "upper":
      await disk.mounts.dropUpper(name);
      return;
  }
}
