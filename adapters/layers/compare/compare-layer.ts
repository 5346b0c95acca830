import { ImgstoreError } from "../../../core/errors.ts";
import type { StopSignal } from "../../../core/ports/abort-signal.ts";
import type { LayerComparison } from "../../../core/ports/layer-comparison.ts";
import type { ExtractedTree } from "../extractor/messages.ts";
import { inodeAtPath } from "../inode-at-path.ts";
import { removeTree } from "../remove-tree.ts";
import { compareAside } from "./compare-aside.ts";

/** A published tree, and how its archive is unpacked once more. */
export interface LayerToCompare {
  readonly publishedPath: string;
  readonly diffId: string;
  /** Where the archive's own tree is made for the comparison, and removed after it. */
  readonly scratchPath: string;
  /** @throws {ImgstoreError} as LayerTrees.unpack */
  readonly unpackScratch: () => Promise<ExtractedTree>;
}

/**
 * Compares a published tree with a new one of its archive: by what unpacking really does, and not by what another reading
 * of the archive makes of it. Takes the room of the tree meanwhile.
 * @throws {ImgstoreError} as LayerTrees.compare
 */
export async function compareLayer(layer: LayerToCompare, signal: StopSignal): Promise<LayerComparison> {
  const { publishedPath, scratchPath, diffId } = layer;
  const inode = await inodeAtPath(publishedPath);
  if (inode === null) return { kind: "gone" };
  try {
    const made = await layer.unpackScratch();
    if (made.diffId !== diffId) {
      return { kind: "different", count: 1, first: [`its archive is the tree ${made.diffId}`] };
    }
    const differences = await compareAside({ actualPath: publishedPath, expectedPath: scratchPath }, signal);
    if ((await inodeAtPath(publishedPath)) !== inode) return { kind: "gone" };
    if (differences.count === 0) return { kind: "equal" };
    if (made.skippedDevices > 0) throw devicesSkipped(publishedPath);
    return { kind: "different", ...differences };
  } catch (error) {
    // a tree that leaves its place under our hands makes the comparison fail at any name
    if ((await inodeAtPath(publishedPath)) !== inode) return { kind: "gone" };
    throw error;
  } finally {
    await removeTree(scratchPath);
  }
}

function devicesSkipped(path: string): ImgstoreError {
  return new ImgstoreError("NO_PRIVILEGE", `cannot compare "${path}" with its archive: this process makes no devices`, {
    hint: "run as root, with CAP_MKNOD",
  });
}
