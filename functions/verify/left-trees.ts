import { parseUnfinished } from "../../core/unfinished.ts";
import type { Disk } from "../engine.ts";

/** Deletes what a verification that was killed has unpacked. Under the lock `verify`. */
export async function dropLeftTrees({ layers }: Disk): Promise<void> {
  const left = (await layers.listUnfinished()).filter((name) => parseUnfinished(name).kind === "comparison");
  for (const name of left) await layers.discard(name);
}
