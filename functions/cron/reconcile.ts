import type { RecordedError } from "../../core/errors.ts";
import { isOfAnotherNamespace, mountLoss } from "../../core/overlay/mount-loss.ts";
import type { Engine } from "../engine.ts";

export interface Reconciled {
  /** Names that were sent back. */
  readonly lost: readonly string[];
  /** How many ACTIVE images are mounted in another mount namespace of this boot: nothing is said of them. */
  readonly unjudged: number;
}

/**
 * Compares this node's ACTIVE rows with the mounts of this machine, both read once, and sends back to ACTIVATING those
 * whose mount is gone: another boot, or seen so from the mount namespace that made it. Rows of another namespace of this
 * boot are not judged.
 */
export async function reconcile(engine: Engine): Promise<Reconciled> {
  const active = await engine.images.activeMounts();
  if (active.length === 0) return { lost: [], unjudged: 0 };
  const { mounts } = await engine.disk();
  const here = mounts.here();
  const observed = await mounts.observe();
  const lost: string[] = [];
  for (const { name, mount } of active) {
    const loss = mountLoss(mount, here, observed.get(name) ?? null);
    if (loss !== null && (await sendBack(engine, name, loss, mount?.mountId ?? null))) lost.push(name);
  }
  return { lost, unjudged: active.filter(({ mount }) => isOfAnotherNamespace(mount, here)).length };
}

/** @param mountId of the mount that was missed: the row may have got another meanwhile */
async function sendBack(engine: Engine, name: string, message: string, mountId: string | null): Promise<boolean> {
  const placement = await engine.images.load(name);
  if (placement?.state !== "ACTIVE" || (placement.mount?.mountId ?? null) !== mountId) return false;
  const error: RecordedError = { code: "MOUNT_FAILED", message, hint: null };
  const swap = { move: "remount", opId: engine.clock.newId(), worker: engine.worker, error } as const;
  return (await engine.images.swap(placement, swap)).kind === "applied";
}
