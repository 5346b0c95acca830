import { randomUUID } from "node:crypto";
import { lstat, mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { type Digest, hexOf } from "../../core/digests.ts";
import type { LayerTrees } from "../../core/ports/layer-trees.ts";
import { hasCode } from "../linux/errno.ts";
import { fileError } from "../mounts/file-errors.ts";
import { arrivingTree } from "./arriving-tree.ts";
import { startExtraction } from "./extractor-process.ts";
import { Extractors } from "./extractors.ts";
import { publishTree, unpublishTree } from "./publish.ts";
import { removeTree } from "./remove-tree.ts";

/** The layers of a process. */
export interface ClosableLayerTrees extends LayerTrees {
  /** Ends what was got ready in vain. */
  close(): void;
}

/**
 * Layers as directories of a store's root, for a process that may give files any owner and make devices.
 * Blobs lie under `blobs/`, unfinished trees under `tmp/`, published ones under `images/`.
 */
export function createLayerTrees(store: { readonly root: string }): ClosableLayerTrees {
  const blobPath = (digest: Digest): string => join(store.root, "blobs", hexOf(digest));
  const treePath = (diffId: Digest): string => join(store.root, "images", hexOf(diffId));
  const stagingPath = (name: string): string => join(store.root, "tmp", name);
  const asidePath = (diffId: Digest): string => stagingPath(`removed.${hexOf(diffId)}.${randomUUID()}`);

  /** An attempt of this name can only have left something where its process was killed. */
  const clear = (name: string): Promise<void> =>
    named(`clear "${stagingPath(name)}"`, async () => {
      await mkdir(stagingPath(""), { recursive: true, mode: 0o700 });
      await removeTree(stagingPath(name));
    });

  const extractors = new Extractors();

  return {
    form: "native",
    prepare: () => extractors.prepare(),
    close: () => extractors.close(),

    unpack: async ({ blob, name, limits, signal, onProgress }) => {
      await clear(name);
      const order = { storedPath: blobPath(blob), treePath: stagingPath(name), limits, isArriving: false };
      return { name, ...(await startExtraction(extractors.take(), order, { signal, onProgress }).tree) };
    },

    unpackArriving: async (request) => {
      const { location, name, limits } = request;
      await clear(name);
      const order = { storedPath: location, treePath: stagingPath(name), limits, isArriving: true };
      return arrivingTree(extractors, order, request);
    },

    publish: ({ name, inode, diffId }, isVouchedFor) =>
      named(`publish the layer ${diffId}`, async () => {
        await mkdir(join(store.root, "images"), { recursive: true, mode: 0o700 });
        return publishTree({
          stagedPath: stagingPath(name),
          inode,
          publishedPath: treePath(diffId),
          isVouchedFor,
        });
      }),

    has: (diffId) => named(`look for the layer ${diffId}`, () => isDirectory(treePath(diffId))),
    remove: (diffId) => named(`remove the layer ${diffId}`, () => unpublishTree(treePath(diffId), asidePath(diffId))),
    discard: (name) => named(`remove "${stagingPath(name)}"`, () => removeTree(stagingPath(name))),

    list: () =>
      named("list the layers", async () => {
        const names = await namesIn(join(store.root, "images"));
        return names.filter((name) => /^[0-9a-f]{64}$/.test(name)).map((hex): Digest => `sha256:${hex}`);
      }),

    listUnfinished: () => named("list what is unfinished", () => namesIn(stagingPath(""))),
  };
}

/** @param action what fails where it fails */
async function named<T>(action: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    throw fileError(error, action);
  }
}

async function isDirectory(path: string): Promise<boolean> {
  try {
    return (await lstat(path)).isDirectory();
  } catch (error) {
    if (hasCode(error, "ENOENT")) return false;
    throw error;
  }
}

async function namesIn(path: string): Promise<string[]> {
  try {
    return await readdir(path);
  } catch (error) {
    if (hasCode(error, "ENOENT")) return [];
    throw error;
  }
}
