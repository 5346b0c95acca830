import { mkdirSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { unmountAt } from "../../adapters/linux/mount-api.ts";
import { readMountTable } from "../../adapters/linux/mount-table.ts";

/** A store's root of its own with its folders; `remove` also unmounts whatever is mounted below it. */
export interface TemporaryStore {
  readonly root: string;
  path(...parts: string[]): string;
  remove(): Promise<void>;
}

export function makeTemporaryStore(): TemporaryStore {
  const root = realpathSync(mkdtempSync(join(tmpdir(), "imgstore-test-")));
  for (const folder of ["blobs", "images", "overlays", "active", "tmp"]) mkdirSync(join(root, folder));
  return {
    root,
    path: (...parts) => join(root, ...parts),
    remove: async () => {
      const mounted = (await readMountTable()).filter((entry) => entry.mountPoint.startsWith(`${root}/`));
      for (const { mountPoint } of mounted.toReversed()) unmountAt(mountPoint, true);
      rmSync(root, { recursive: true, force: true });
    },
  };
}
