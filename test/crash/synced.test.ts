import { createHash } from "node:crypto";
import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createBlobs } from "../../adapters/blobs/blobs.ts";
import { unpublishTree } from "../../adapters/layers/publish.ts";
import { syncFileSystem } from "../../adapters/linux/sync.ts";
import { createOverlayMounts } from "../../adapters/mounts/overlayfs.ts";
import { placesUnder } from "../../adapters/mounts/places.ts";
import { ensureWritable, removeWritable } from "../../adapters/mounts/writable.ts";
import { prepareRoot } from "../../adapters/store/root.ts";
import { cutImages, withPowerBack } from "../../scripts/faults/power-cuts/cut-images.ts";
import { withLogDisk } from "../../scripts/faults/power-cuts/log-disk.ts";
import { worstPowerCut } from "../../scripts/faults/power-cuts/power-cut.ts";

let directory: string;
beforeEach(() => {
  directory = mkdtempSync("/dev/shm/imgstore-synced-");
});
afterEach(() => rmSync(directory, { recursive: true }));

/** Does something on a file system, cuts the power when it is done, and looks at what is there when it is back. */
async function afterPowerCut<T>(act: (root: string) => Promise<void>, look: (root: string) => T): Promise<T> {
  const history = await withLogDisk(directory, "ext4", ({ mountPoint }) => act(join(mountPoint, "srv", "store")));
  for await (const image of cutImages(history, [worstPowerCut(history.events)], directory)) {
    return await withPowerBack(image, async (mountPoint) => look(join(mountPoint, "srv", "store")));
  }
  throw new Error("the power was not cut");
}

function syncAll(path: string): void {
  const fd = openSync(path, "r");
  syncFileSystem(fd);
  closeSync(fd);
}

test("prepareRoot: a store that is there stays there, with its owner", async () => {
  const found = await afterPowerCut(
    async (root) => prepareRoot(root),
    (root) => readFileSync(join(root, "owner"), "utf8"),
  );
  expect(found).toBe("0\n");
});

const bytes = Buffer.alloc(10_000, "blob");
const digest = `sha256:${createHash("sha256").update(bytes).digest("hex")}` as const;

/**
 * Each by a process that was killed before it could sync what it had done; the one that finds it done must not let rows
 * speak of it before it is durable.
 */
describe("what a process that died has done is durable when another one finds it done:", () => {
  async function foundDone(
    died: (root: string) => void,
    act: (root: string) => Promise<unknown>,
    path: string,
  ): Promise<boolean> {
    return afterPowerCut(
      async (root) => {
        prepareRoot(root);
        mkdirSync(join(root, "overlays", "old", "upper"), { recursive: true });
        mkdirSync(join(root, "images", hex));
        mkdirSync(join(root, "active", "old"));
        syncAll(root);
        died(root);
        await act(root);
      },
      (root) => existsSync(join(root, path)),
    );
  }
  const hex = digest.slice(7);
  const tombstone = "upper.old.0";
  const noLayers: readonly string[] = [];

  test("verifiedSizeOf, of a published blob", async () => {
    const publish = (root: string): void => {
      const path = join(root, "tmp", "1.1.blob");
      const fd = openSync(path, "w");
      writeFileSync(fd, bytes);
      fsyncSync(fd);
      closeSync(fd);
      linkSync(path, join(root, "blobs", hex));
    };
    const find = (root: string): Promise<unknown> => createBlobs({ root }).verifiedSizeOf(digest);
    expect(await foundDone(publish, find, `blobs/${hex}`)).toBe(true);
  });

  test("removeWritable, of an upper that was taken away", async () => {
    const take = (root: string): void => renameSync(join(root, "overlays/old"), join(root, "tmp", tombstone));
    const find = (root: string): Promise<unknown> => removeWritable(placesUnder(root), "old");
    expect(await foundDone(take, find, "overlays/old")).toBe(false);
  });

  test("ensureWritable, of an upper that was made", async () => {
    const make = (root: string): void => {
      mkdirSync(join(root, "tmp/fresh/upper"), { recursive: true });
      renameSync(join(root, "tmp/fresh"), join(root, "overlays/new"));
    };
    const find = (root: string): Promise<unknown> => ensureWritable(placesUnder(root), "new", noLayers, () => true);
    expect(await foundDone(make, find, "overlays/new/upper")).toBe(true);
  });

  test("unpublishTree, of a tree that was taken away", async () => {
    const take = (root: string): void => renameSync(join(root, "images", hex), join(root, "tmp", `removed.${hex}.0`));
    const find = (root: string): Promise<unknown> =>
      unpublishTree(join(root, "images", hex), join(root, "tmp", `removed.${hex}.1`));
    expect(await foundDone(take, find, `images/${hex}`)).toBe(false);
  });

  test("unmount, of a mount point", async () => {
    const find = (root: string): Promise<unknown> =>
      createOverlayMounts({ root }).unmount("old", { isForced: false, known: null, isStillOurs: async () => true });
    expect(await foundDone(() => {}, find, "active/old")).toBe(false);
  });
});
