import type { Digest } from "../../core/digests.ts";
import { ImgstoreError } from "../../core/errors.ts";
import { layerKey } from "../../core/ports/work-rows.ts";
import { done, failed, later, type Outcome } from "../../core/protocol/outcome.ts";
import type { ActContext } from "./act-context.ts";

/** UNPACKED → STORED: every layer's tree lies under its diffId, published by rename and synced. */
export async function store(context: ActContext): Promise<Outcome> {
  const { form } = context.disk.layers;
  // An image may have the same layer twice.
  const digests = [...new Set(context.placement.layers.map((layer) => layer.digest))];
  let sizeBytes = 0;
  for (const digest of digests) {
    const published = await publishLayer(context, digest);
    if (published === "lost") return failed(stagingLost(digest));
    if (published === "stale") return later({ kind: "shutdown" });
    if (published === "leaving")
      return later({ kind: "held", waitsFor: layerKey(digest, form), untilMs: soon(context) });
    sizeBytes += published;
  }
  // A tree that ours took the place of may go as soon as this image, repaired, mounts the new one.
  context.reaper.poke();
  return done({ published: digests, form, sizeBytes });
}

/** A collection is at a tree of that name for a moment only. */
function soon(context: ActContext): number {
  return context.placement.nowMs + 1000;
}

/** The layer's size in bytes once it is published; what stands against it otherwise. */
async function publishLayer(context: ActContext, digest: Digest): Promise<number | "lost" | "leaving" | "stale"> {
  const { layers } = context.disk;
  const layer = await context.work.readLayer(digest, layers.form);
  if (layer?.state === "present") return layer.sizeBytes ?? 0;
  if (layer?.state !== "staged" || layer.staged === null) return "lost";
  // What is collected under this name must be gone first, or it would take ours along.
  if (await context.work.isLeaving(layer.staged.diffId, layers.form)) return "leaving";
  const isVouchedFor = await context.work.isPresent(layer.staged.diffId, layers.form);
  if (!(await context.isStillOurs())) return "stale";
  if (await layers.publish(layer.staged, isVouchedFor)) return layer.staged.sizeBytes;
  await context.work.unstageLost(context.claim, digest, layers.form);
  return "lost";
}

function stagingLost(digest: Digest): ImgstoreError {
  return new ImgstoreError("STAGING_LOST", `the unpacked tree of ${digest} is not under tmp/ any more`, {
    hint: "`imgstore retry` unpacks it again from the stored blob",
  });
}
