import { isHeld } from "../../core/ports/image-rows.ts";
import type { BlobRow, Garbage } from "../../core/ports/work-rows.ts";
import { parseUnfinished } from "../../core/unfinished.ts";
import type { Disk, Engine } from "../engine.ts";
import { type Trash, trash } from "./trash.ts";

/**
 * What the store holds and no row speaks of, beside the rows of `garbage`. The rows are read after the disk: what came
 * meanwhile has a row by then.
 */
export async function findStrays(engine: Engine, disk: Disk, garbage: Garbage): Promise<Trash[]> {
  const stored = await disk.blobs.listStored();
  const partials = await disk.blobs.listFreePartials();
  const trees = await disk.layers.list();
  const unfinished = await disk.layers.listUnfinished();
  const uppers = await disk.mounts.listUppers();
  const rows = await engine.work.inventory();

  const leaving = new Set<string>(garbage.blobs.map(({ digest }) => digest));
  const present = new Set<string>(rows.blobs.filter(({ state }) => state !== "absent").map(({ digest }) => digest));
  // not where the blob is whole: its publisher died before he took the other name away
  const isWanted = ({ state, digest }: BlobRow): boolean => state !== "present" && !leaving.has(digest);
  const wanted = new Set<string>(rows.blobs.filter(isWanted).map(({ digest }) => digest));
  const known = new Set<string>(rows.layers.flatMap(({ diffId, staged }) => [diffId ?? "", staged?.diffId ?? ""]));
  const unstaged = new Set<string | null>(garbage.layers.map(({ stagedName }) => stagedName));
  const staged = new Set<string>(rows.layers.flatMap((layer) => (layer.staged === null ? [] : [layer.staged.name])));
  const live = new Set(rows.claims.map(({ placementId, fence }) => `${placementId}.${fence}`));

  const of = trash(engine, disk);
  return [
    ...stored
      .filter(({ digest }) => !present.has(digest))
      .map(({ digest, sizeBytes }) => of.strayBlob(digest, sizeBytes)),
    ...partials
      .filter(({ digest }) => !wanted.has(digest))
      .map((partial) => of.partial(partial.digest, partial.sizeBytes)),
    ...trees.filter((diffId) => !known.has(diffId)).map((diffId) => of.strayLayer(diffId)),
    ...(
      await forgotten(
        { engine, disk },
        unfinished.filter((name) => unstaged.has(name) || !staged.has(name)),
        live,
      )
    ).map(of.staging),
    ...(await ownerless(engine, uppers)).map(of.upper),
  ];
}

/** Names under `tmp/` that no live claim works at; tombstones go by themselves. */
async function forgotten(
  { engine, disk }: { readonly engine: Engine; readonly disk: Disk },
  names: readonly string[],
  live: ReadonlySet<string>,
): Promise<string[]> {
  const found: string[] = [];
  for (const name of names) {
    const owner = parseUnfinished(name);
    if (owner.kind === "tombstone" || owner.kind === "replaced") continue;
    if (owner.kind === "comparison" && !(await isVerificationOver(disk))) continue;
    if (owner.kind === "attempt" && live.has(`${owner.placementId}.${owner.fence}`)) continue;
    if (owner.kind === "mount" && (await isBeingMoved(engine, owner.key))) continue;
    found.push(name);
  }
  return found;
}

/** Whoever compares trees with their archives holds its lock; a name that was listed before belongs to him or to nobody. */
async function isVerificationOver({ locks }: Disk): Promise<boolean> {
  return (await locks.alone("verify", async () => true)) !== null;
}

async function isBeingMoved(engine: Engine, name: string): Promise<boolean> {
  const placement = await engine.images.load(name);
  return placement !== null && isHeld(placement);
}

async function ownerless(engine: Engine, keys: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for (const key of keys) if ((await engine.images.load(key)) === null) found.push(key);
  return found;
}
