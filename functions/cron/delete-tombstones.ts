import { parseUnfinished } from "../../core/unfinished.ts";
import type { Disk } from "../engine.ts";

/** Deletes what has left its place for good and lies under `tmp/`; leaves it to another process that is at it. */
export async function deleteTombstones({ layers, locks }: Pick<Disk, "layers" | "locks">): Promise<void> {
  if (!(await layers.listUnfinished()).some(isTombstone)) return;
  await locks.alone("reap", async () => {
    for (const name of (await layers.listUnfinished()).filter(isTombstone)) await layers.discard(name);
  });
}

function isTombstone(name: string): boolean {
  return parseUnfinished(name).kind === "tombstone";
}
