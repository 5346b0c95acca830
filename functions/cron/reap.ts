import { parseUnfinished } from "../../core/unfinished.ts";
import type { Engine } from "../engine.ts";

/** Deletes what had left its place when the process that was to delete it ended. */
export async function reap(engine: Engine): Promise<void> {
  const { layers } = await engine.disk();
  for (const name of await layers.listUnfinished()) {
    if (parseUnfinished(name).kind === "tombstone") await layers.discard(name);
  }
}
