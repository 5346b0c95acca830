import type { RecordedError } from "../../core/errors.ts";
import { mountLoss } from "../../core/overlay/mount-loss.ts";
import type { Placement } from "../../core/ports/image-rows.ts";
import type { Engine } from "../engine.ts";

/** Rows read at a time. */
const PAGE = 1000;

/**
 * Compares this node's ACTIVE rows with the mounts of this machine, both read once, and sends back to ACTIVATING those
 * whose mount is gone: another boot, or seen so from the mount namespace that made it. Rows of another namespace of this
 * boot are not judged.
 * @returns names that were sent back
 */
export async function reconcile(engine: Engine): Promise<string[]> {
  const active = await activePlacements(engine);
  if (active.length === 0) return [];
  const { mounts } = await engine.disk();
  const observed = await mounts.observe();
  const lost: string[] = [];
  for (const placement of active) {
    const loss = mountLoss(placement.mount, mounts.here(), observed.get(placement.name) ?? null);
    if (loss !== null && (await sendBack(engine, placement, loss))) lost.push(placement.name);
  }
  return lost;
}

async function activePlacements(engine: Engine): Promise<Placement[]> {
  const active: Placement[] = [];
  let cursor: string | null = "";
  while (cursor !== null) {
    const page: Awaited<ReturnType<Engine["images"]["list"]>> = await engine.images.list({
      state: "ACTIVE",
      limit: PAGE,
      ...(cursor === "" ? {} : { cursor }),
    });
    active.push(...page.placements);
    cursor = page.nextCursor;
  }
  return active;
}

async function sendBack(engine: Engine, placement: Placement, message: string): Promise<boolean> {
  const error: RecordedError = { code: "MOUNT_FAILED", message, hint: null };
  const swap = { move: "remount", opId: engine.clock.newId(), worker: engine.worker, error } as const;
  return (await engine.images.swap(placement, swap)).kind === "applied";
}
