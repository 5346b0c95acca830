import { parseUnfinished } from "../../core/unfinished.ts";
import type { Engine } from "../engine.ts";
import { finishCollection } from "./collect-garbage.ts";

/** Ends what processes that ended have begun to delete: tombstones under `tmp/`, and a collection of garbage. */
export async function reap(engine: Engine): Promise<void> {
  await finishCollection(engine);
  const { layers } = await engine.disk();
  for (const name of await layers.listUnfinished()) {
    if (parseUnfinished(name).kind === "tombstone") await layers.discard(name);
  }
}
