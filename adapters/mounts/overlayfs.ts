import type { Mounts } from "../../core/ports/mounts.ts";
import { syncDirectory } from "../linux/sync-directory.ts";
import { dropUpper } from "./drop-upper.ts";
import { expectOurNamespace, here } from "./here.ts";
import { mountLayers } from "./mount-layers.ts";
import { removeMountPoint } from "./mount-point.ts";
import { observeMounts } from "./observe.ts";
import { placesUnder } from "./places.ts";
import { probeOverlay } from "./probe-overlay.ts";
import { unmountOwn } from "./unmount.ts";
import { listWritables } from "./writable.ts";

/**
 * The kernel's overlayfs, by system calls of this process, for root on Linux. The store has its folders already.
 *
 * Mounts take part in the propagation that the root's own mount has. They are not made private: a namespace that is
 * copied from this one gets copies of all mounts either way, and only where they are shared (or received, `rslave`) does
 * an unmount here end those too, so that nothing keeps the upper in use.
 */
export function createOverlayMounts(options: { readonly root: string }): Mounts {
  const places = placesUnder(options.root);
  return {
    driver: "overlayfs",
    mountPointOf: (key) => places.mountPointOf(key),
    here,
    probe: () => probeOverlay(places),
    mount: (request) => mountLayers(places, request),
    unmount: async (key, { isForced, known, isStillOurs }) => {
      await expectOurNamespace(key, known);
      const detachedFrom = await unmountOwn(key, places.mountPointOf(key), { isForced, isStillOurs });
      removeMountPoint(places.mountPointOf(key));
      // the row is about to say that nothing is there
      await syncDirectory(places.active);
      return { detachedFrom };
    },
    observe: () => observeMounts(places),
    dropUpper: (key, isStillOurs) => dropUpper(places, key, isStillOurs),
    listUppers: () => listWritables(places),
  };
}
