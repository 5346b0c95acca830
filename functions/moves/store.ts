import type { Digest } from "../../core/digests.ts";
import { ImgstoreError } from "../../core/errors.ts";
import { done, failed, type Outcome } from "../../core/protocol/outcome.ts";
import type { ActContext } from "./act-context.ts";

/** UNPACKED → STORED: every layer's tree lies under its diffId, published by rename and synced. */
export async function store(context: ActContext): Promise<Outcome> {
  const digests = context.placement.layers.map((layer) => layer.digest);
  let sizeBytes = 0;
  for (const digest of digests) {
    const layerBytes = await publishLayer(context, digest);
    if (layerBytes === null) return failed(stagingLost(digest));
    sizeBytes += layerBytes;
  }
  return done({ published: digests, sizeBytes });
}

/** The layer's size in bytes once it is published; null when there is nothing to publish. */
async function publishLayer(context: ActContext, digest: Digest): Promise<number | null> {
  const { layers } = context.disk;
  const layer = await context.work.readLayer(digest, layers.form);
  if (layer?.state === "present") return layer.sizeBytes ?? 0;
  if (layer?.state !== "staged" || layer.staged === null) return null;
  const isVouchedFor = await context.work.isPresent(layer.staged.diffId, layers.form);
  if (await layers.publish(layer.staged, isVouchedFor)) return layer.staged.sizeBytes;
  await context.work.unstageLost(context.claim, digest, layers.form);
  return null;
}

function stagingLost(digest: Digest): ImgstoreError {
  return new ImgstoreError("STAGING_LOST", `the unpacked tree of ${digest} is not under tmp/ any more`, {
    hint: "`imgstore retry` unpacks it again from the stored blob",
  });
}
