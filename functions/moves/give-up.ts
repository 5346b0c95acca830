import type { ClearContext } from "./act-context.ts";
import { dropLeftovers } from "./leftovers.ts";

/**
 * Leaves nothing of a placement's unfinished work: its mount, its staged trees that no other image waits for, and what
 * lies under `tmp/` of its attempts. Blob, partial and published layers stay: a retry finds them.
 */
export async function clearAway(context: ClearContext): Promise<void> {
  const { disk, placement, work, claim, isStillOurs } = context;
  const mounted = await disk.mounts.observe();
  if (mounted.has(placement.name)) {
    const isForced = placement.isForceWanted;
    await disk.mounts.unmount(placement.name, { isForced, known: placement.mount, isStillOurs });
  }
  for (const name of await work.unstageOwn(claim)) await disk.layers.discard(name);
  await dropLeftovers(context);
}
