import { createHash } from "node:crypto";
import { Budget } from "../../core/archive/budget.ts";
import { EntryParser } from "../../core/archive/entries.ts";
import { ImgstoreError } from "../../core/errors.ts";
import type { Progress } from "../../core/ports/image-rows.ts";
import { takeOwnCreationMask } from "../linux/creation-mask.ts";
import { closeFile, setMode, setOwner } from "../linux/file-calls.ts";
import { inodeOf } from "../linux/inode.ts";
import { cString, makeDirectoryAt, openDirectoryAt, WORKING_DIRECTORY } from "../linux/openat.ts";
import { syncFileSystem } from "../linux/sync.ts";
import { removeXattrOf } from "../linux/xattr.ts";
import { BlobFile } from "./decompress/blob-file.ts";
import { plainBytes } from "./decompress/plain-bytes.ts";
import type { ExtractedTree, ExtractOrder } from "./extract-messages.ts";
import type { Newborn } from "./metadata.ts";
import { SpillFile } from "./spill-file.ts";
import { TreeWriter } from "./tree-writer.ts";
import { unpackError } from "./unpack-error.ts";

/** How whoever waits for the tree takes part. */
export interface ExtractWatch {
  readonly isStopped: () => boolean;
  readonly onProgress: (progress: Progress) => void;
}

/**
 * Unpacks a stored archive into a new directory, all in this thread, and makes it durable. What there is of it after a
 * failure is the caller's to remove.
 * @throws {ImgstoreError} as LayerTrees.unpack
 */
export async function extractTree(order: ExtractOrder, watch: ExtractWatch): Promise<ExtractedTree> {
  const blob = new BlobFile(order.blobPath);
  try {
    const budget = new Budget(order.limits, blob.sizeBytes);
    return await withRoot(order.treePath, async (root, spill) => {
      const newborn = takeNewborn();
      const tree = new TreeWriter(root, { budget, newborn, spill });
      try {
        const diffId = await feed(blob, { tree, budget, watch });
        tree.finish();
        syncFileSystem(root);
        return { inode: inodeOf(root).number, diffId, sizeBytes: budget.contentBytes };
      } finally {
        tree.close();
      }
    });
  } catch (error) {
    throw unpackError(error, null);
  } finally {
    blob.close();
  }
}

/** The digest is of the whole plain stream, with whatever comes after the archive's end. */
async function feed(
  blob: BlobFile,
  to: { readonly tree: TreeWriter; readonly budget: Budget; readonly watch: ExtractWatch },
): Promise<ExtractedTree["diffId"]> {
  const hash = createHash("sha256");
  const parser = new EntryParser(to.tree, to.budget);
  for await (const chunk of plainBytes(blob)) {
    if (to.watch.isStopped()) throw new ImgstoreError("INTERRUPTED", "unpacking was interrupted");
    to.budget.takeStream(chunk.length);
    hash.update(chunk);
    parser.push(chunk);
    to.watch.onProgress({ doneBytes: blob.readBytes, totalBytes: blob.sizeBytes });
  }
  parser.finish();
  return `sha256:${hash.digest("hex")}`;
}

/** Makes the tree's root, which only its owner may enter until the tree is whole. */
async function withRoot<T>(path: string, use: (root: number, spill: SpillFile) => Promise<T>): Promise<T> {
  const name = pathString(path);
  makeDirectoryAt(WORKING_DIRECTORY, name, 0o700);
  const root = openDirectoryAt(WORKING_DIRECTORY, name);
  const spill = new SpillFile(WORKING_DIRECTORY, pathString(`${path}.directories`));
  try {
    disinherit(root);
    return await use(root, spill);
  } finally {
    spill.close();
    closeFile(root);
  }
}

function pathString(path: string): Uint8Array {
  return cString(new TextEncoder().encode(path));
}

/** What the directory above passes on (its group, setgid, default ACLs) would go down into the whole tree. */
function disinherit(root: number): void {
  for (const acl of ["system.posix_acl_default", "system.posix_acl_access"]) removeXattrOf(root, acl);
  setOwner(root, ownIds().uid, ownIds().gid);
  setMode(root, 0o700);
}

function takeNewborn(): Newborn {
  return { ...ownIds(), isModeExact: takeOwnCreationMask() };
}

function ownIds(): { uid: number; gid: number } {
  return { uid: process.geteuid?.() ?? 0, gid: process.getegid?.() ?? 0 };
}
