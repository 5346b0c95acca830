import { statfs } from "node:fs/promises";
import type { Space } from "../../core/ports/space.ts";
import { fileError } from "../mounts/file-errors.ts";
import { restoreBallast } from "./ballast.ts";

/** What statfs(2) says of a store's root. */
export function createSpace({ root }: { readonly root: string }): Space {
  return {
    restoreBallast: async () => {
      try {
        await restoreBallast(root);
      } catch (error) {
        throw fileError(error, `keep room in "${root}"`);
      }
    },
    free: async () => {
      try {
        // bavail, not bfree: what is kept for root is not for images
        const { bsize, blocks, bavail, files, ffree } = await statfs(root);
        return { bytes: bavail * bsize, inodes: files === 0 ? null : ffree, totalBytes: blocks * bsize };
      } catch (error) {
        throw fileError(error, `ask how much room there is in "${root}"`);
      }
    },
  };
}
