import { lstat, mkdir, readdir } from "node:fs/promises";
import { dirname } from "node:path";
import type { Digest } from "../../core/digests.ts";
import type { CompareRequest, LayerComparison } from "../../core/ports/layer-comparison.ts";
import type { LayerTrees } from "../../core/ports/layer-trees.ts";
import { hasCode } from "../linux/errno.ts";
import { fileError } from "../mounts/file-errors.ts";
import { arrivingTree } from "./arriving-tree.ts";
import { compareLayer } from "./compare/compare-layer.ts";
import type { ExtractedTree } from "./extractor/messages.ts";
import { startExtraction } from "./extractor-process.ts";
import { Extractors } from "./extractors.ts";
import { publishTree, unpublishTree } from "./publish.ts";
import { removeTree } from "./remove-tree.ts";
import { type TreePaths, treePaths } from "./tree-paths.ts";

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
  const paths = treePaths(store.root);

  /** An attempt of this name can only have left something where its process was killed. */
  const clear = (name: string): Promise<void> =>
    named(`clear "${paths.unfinished(name)}"`, async () => {
      await mkdir(paths.unfinished(""), { recursive: true, mode: 0o700 });
      await removeTree(paths.unfinished(name));
    });

  const extractors = new Extractors();

  return {
    form: "native",
    prepare: () => extractors.prepare(),
    close: () => extractors.close(),

    unpack: async ({ blob, name, limits, signal, onProgress }) => {
      await clear(name);
      const order = { storedPath: paths.blob(blob), treePath: paths.unfinished(name), limits, isArriving: false };
      return { name, ...(await startExtraction(extractors.take(), order, { signal, onProgress }).tree) };
    },

    unpackArriving: async (request) => {
      const { location, name, limits } = request;
      await clear(name);
      const order = { storedPath: location, treePath: paths.unfinished(name), limits, isArriving: true };
      return arrivingTree(extractors, order, request);
    },

    publish: ({ name, inode, diffId }, isVouchedFor) =>
      named(`publish the layer ${diffId}`, async () => {
        await mkdir(paths.trees, { recursive: true, mode: 0o700 });
        return publishTree({
          stagedPath: paths.unfinished(name),
          inode,
          publishedPath: paths.tree(diffId),
          replacedPath: paths.replaced(diffId),
          isVouchedFor,
        });
      }),

    compare: (request) =>
      named(`compare the layer ${request.diffId} with its archive`, () => compare(paths, extractors, request)),

    has: (diffId) => named(`look for the layer ${diffId}`, () => isDirectory(paths.tree(diffId))),
    remove: (diffId) =>
      named(`remove the layer ${diffId}`, () => unpublishTree(paths.tree(diffId), paths.removed(diffId))),
    discard: (name) => named(`remove "${paths.unfinished(name)}"`, () => removeTree(paths.unfinished(name))),

    list: () => named("list the layers", async () => (await namesIn(paths.trees)).flatMap(diffIdNamed)),

    listUnfinished: () => named("list what is unfinished", () => namesIn(paths.unfinished(""))),
  };
}

async function compare(
  paths: TreePaths,
  extractors: Extractors,
  { blob, diffId, limits, signal }: CompareRequest,
): Promise<LayerComparison> {
  const scratchPath = paths.compared(diffId);
  await mkdir(dirname(scratchPath), { recursive: true, mode: 0o700 });
  const order = { storedPath: paths.blob(blob), treePath: scratchPath, limits, isArriving: false };
  const watch = { signal, onProgress: () => {} };
  const unpackScratch = (): Promise<ExtractedTree> => startExtraction(extractors.take(), order, watch).tree;
  return compareLayer({ publishedPath: paths.tree(diffId), diffId, scratchPath, unpackScratch }, signal);
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

function diffIdNamed(name: string): Digest[] {
  return /^[0-9a-f]{64}$/.test(name) ? [`sha256:${name}`] : [];
}

async function namesIn(path: string): Promise<string[]> {
  try {
    return await readdir(path);
  } catch (error) {
    if (hasCode(error, "ENOENT")) return [];
    throw error;
  }
}
