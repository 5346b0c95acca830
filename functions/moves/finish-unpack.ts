import type { Digest } from "../../core/digests.ts";
import { ImgstoreError } from "../../core/errors.ts";
import type { LayerRow, LayerTaken } from "../../core/ports/work-rows.ts";
import { layerKey } from "../../core/ports/work-rows.ts";
import { done, later, type Outcome } from "../../core/protocol/outcome.ts";
import { treeLost } from "../verify/reasons.ts";
import { type ActContext, attemptName } from "./act-context.ts";
import { expectDiffId } from "./expected-diff-id.ts";
import { dropLeftovers } from "./leftovers.ts";
import { RoomForTree } from "./room-for-tree.ts";
import { SkippedDevices } from "./skipped-devices.ts";

/**
 * UNPACKING → UNPACKED: every layer's tree is whole and synced, staged under `tmp/` or published already. Each layer is
 * recorded by itself, so that a later attempt goes on with the next.
 */
export async function finishUnpack(context: ActContext): Promise<Outcome> {
  await dropLeftovers(context);
  const skipped = new SkippedDevices();
  for (const [position, layer] of context.placement.layers.entries()) {
    const outcome = await unpackLayer(context, layer.digest, position, skipped);
    if (outcome !== null) return outcome;
    await expectDiffId(context, layer);
  }
  return done({}, skipped.remark());
}

/** Null when the layer is there. */
async function unpackLayer(
  context: ActContext,
  digest: Digest,
  position: number,
  skipped: SkippedDevices,
): Promise<Outcome | null> {
  const { form } = context.disk.layers;
  let taken = await context.work.takeLayer(context.claim, digest, form);
  if (await isForgotten(context, taken)) taken = await context.work.takeLayer(context.claim, digest, form);
  if (taken.kind === "held") return later({ kind: "held", waitsFor: layerKey(digest, form), untilMs: taken.untilMs });
  if (taken.kind === "stale") return later({ kind: "shutdown" });
  if (taken.kind !== "taken") return null;

  const room = new RoomForTree(context, (await context.disk.blobs.sizeOf(digest)) ?? 0);
  if (!(await room.admit())) return later({ kind: "shutdown" });
  const staged = await unpack(context, digest, position, room);
  skipped.add(staged);
  if (await context.work.stageLayer(context.claim, digest, form, staged)) return null;
  await context.disk.layers.discard(staged.name);
  return later({ kind: "shutdown" });
}

/** Whether a row spoke of a tree that is not there; nobody trusts the row then. */
async function isForgotten(context: ActContext, taken: LayerTaken): Promise<boolean> {
  if (taken.kind === "present") return isPublishedLost(context, taken.layer);
  if (taken.kind !== "staged" || taken.layer.staged === null) return false;
  const unfinished = await context.disk.layers.listUnfinished();
  if (unfinished.includes(taken.layer.staged.name)) return false;
  if (await context.disk.layers.has(taken.layer.staged.diffId)) return false;
  await context.work.unstageLost(context.claim, taken.layer.digest, taken.layer.form);
  return true;
}

async function isPublishedLost(context: ActContext, layer: LayerRow): Promise<boolean> {
  if (layer.diffId === null) throw new Error(`the layer ${layer.digest} is published under no name`);
  if (await context.disk.layers.has(layer.diffId)) return false;
  await context.work.damageLayer(layer.digest, layer.form, treeLost(layer.diffId));
  return true;
}

async function unpack(
  context: ActContext,
  digest: Digest,
  position: number,
  room: RoomForTree,
): ReturnType<ActContext["disk"]["layers"]["unpack"]> {
  try {
    return await context.disk.layers.unpack({
      blob: digest,
      name: `${attemptName(context.claim)}.${position}`,
      limits: context.settings.limits,
      signal: AbortSignal.any([context.signal, room.refused]),
      onProgress: (progress, plainBytes) => {
        context.report(progress);
        room.grown(progress.doneBytes, plainBytes);
      },
    });
  } catch (error) {
    if (room.refusal !== null) throw room.refusal;
    // The row says present and the file says no: after a retry the download fetches it again.
    if (error instanceof ImgstoreError && error.code === "BLOB_LOST") await context.work.damageBlob(digest);
    throw error;
  }
}
