import type { Engine } from "../engine.ts";
import { finishCollection } from "./collect-garbage.ts";
import { deleteTombstones } from "./delete-tombstones.ts";
import { keepBudget } from "./make-room.ts";

/** Ends what processes that ended have begun, a collection of garbage and the deletion of tombstones, and keeps room. */
export async function reap(engine: Engine): Promise<void> {
  await finishCollection(engine);
  const disk = await engine.disk();
  await deleteTombstones(engine.work, disk);
  await keepBudget(engine);
  await disk.space.restoreBallast();
}
