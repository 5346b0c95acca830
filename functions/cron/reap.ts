import type { Engine } from "../engine.ts";
import { finishCollection } from "./collect-garbage.ts";
import { deleteTombstones } from "./delete-tombstones.ts";

/** Ends what processes that ended have begun: a collection of garbage, and the deletion of tombstones. */
export async function reap(engine: Engine): Promise<void> {
  await finishCollection(engine);
  await deleteTombstones(await engine.disk());
}
