import { createBlobs } from "../../adapters/blobs/blobs.ts";
import { createLayerTrees } from "../../adapters/layers/layer-trees.ts";
import { createOverlayMounts } from "../../adapters/mounts/overlayfs.ts";
import { createImageArchives } from "../../adapters/sources/image-archive/image-archives.ts";
import { createSources } from "../../adapters/sources/sources.ts";
import { createLocks } from "../../adapters/store/locks.ts";
import { createSpace } from "../../adapters/store/space.ts";
import { ImgstoreError } from "../../core/errors.ts";
import type { Settings } from "../../core/settings.ts";
import type { Disk } from "../engine.ts";

/** The ports that need this node's disk, and how to let them go. */
export interface OpenedDisk {
  readonly disk: Disk;
  readonly close: () => Promise<void>;
}

/** @throws {ImgstoreError} NO_DRIVER where the chosen driver is not there */
export async function openDisk(settings: Settings): Promise<OpenedDisk> {
  const { root } = settings;
  if (settings.driver === "fuse") {
    throw new ImgstoreError("NO_DRIVER", "the fuse driver is not there in this version", {
      hint: "leave IMGSTORE_DRIVER at auto; `imgstore doctor` says what this machine can do",
    });
  }
  const sources = createSources({ minBytesPerSecond: settings.minBytesPerSecond });
  const layers = createLayerTrees({ root });
  return {
    disk: {
      sources,
      imageArchives: createImageArchives({ root }),
      blobs: createBlobs({ root }),
      layers,
      mounts: createOverlayMounts({ root }),
      locks: createLocks({ root }),
      space: createSpace({ root }),
    },
    close: async () => {
      layers.close();
      await sources.close();
    },
  };
}
