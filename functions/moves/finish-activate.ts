import type { Digest } from "../../core/digests.ts";
import { ImgstoreError } from "../../core/errors.ts";
import { done, later, type Outcome } from "../../core/protocol/outcome.ts";
import { treeLost } from "../verify/reasons.ts";
import type { ActContext } from "./act-context.ts";

/** ACTIVATING → ACTIVE: the layers are mounted copy-on-write at the image's mount point. */
export async function finishActivate(context: ActContext): Promise<Outcome> {
  const { placement, disk, isStillOurs } = context;
  const layers = await publishedLayers(context);
  if (layers === null) return later({ kind: "shutdown" });
  if (placement.isFreshWanted) {
    // Unmounted first: an upper is never taken away under a mount.
    await disk.mounts.unmount(placement.name, { isForced: false, known: placement.mount, isStillOurs });
    await disk.mounts.dropUpper(placement.name, isStillOurs);
    context.reaper.poke();
  }
  const mount = await disk.mounts.mount({
    key: placement.name,
    layers,
    options: placement.mountOptions,
    isStillOurs,
  });
  return done({ mount, driver: disk.mounts.driver });
}

/** The diffIds, bottom first, each vouched for and seen to be there; null where the image is to be repaired first. */
async function publishedLayers(context: ActContext): Promise<Digest[] | null> {
  const { work, disk, images, placement } = context;
  const diffIds: Digest[] = [];
  for (const { digest } of placement.layers) {
    const layer = await work.readLayer(digest, disk.layers.form);
    const diffId = layer?.state === "present" ? layer.diffId : null;
    if (diffId !== null && (await disk.layers.has(diffId))) diffIds.push(diffId);
    else {
      if (diffId !== null) await work.damageLayer(digest, disk.layers.form, treeLost(diffId));
      if ((await images.load(placement.name))?.isRepairWanted === true) return null;
      throw layerLost(placement.name, digest);
    }
  }
  return diffIds;
}

function layerLost(name: string, digest: Digest): ImgstoreError {
  return new ImgstoreError("LAYER_LOST", `the layer ${digest} of "${name}" is not under images/`, {
    hint: "`imgstore retry` unpacks it again from the stored blob",
  });
}
