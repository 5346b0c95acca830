import type { Digest } from "../../core/digests.ts";
import { ImgstoreError } from "../../core/errors.ts";
import { done, type Outcome } from "../../core/protocol/outcome.ts";
import type { ActContext } from "./act-context.ts";

/** ACTIVATING → ACTIVE: the layers are mounted copy-on-write at the image's mount point. */
export async function finishActivate(context: ActContext): Promise<Outcome> {
  const { placement, disk, isStillOurs } = context;
  const layers = await publishedLayers(context);
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

/** The diffIds, bottom first, each seen to be there. */
async function publishedLayers(context: ActContext): Promise<Digest[]> {
  const diffIds: Digest[] = [];
  for (const { digest, diffId } of context.placement.layers) {
    if (diffId === null || !(await context.disk.layers.has(diffId))) {
      await context.work.damageLayer(digest, context.disk.layers.form);
      throw new ImgstoreError("LAYER_LOST", `the layer ${digest} of "${context.placement.name}" is not under images/`, {
        hint: "`imgstore retry` unpacks it again from the stored blob",
      });
    }
    diffIds.push(diffId);
  }
  return diffIds;
}
