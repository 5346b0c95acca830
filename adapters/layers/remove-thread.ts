import { parentPort, workerData } from "node:worker_threads";
import { hasCode } from "../linux/errno.ts";
import { closeFile } from "../linux/file-calls.ts";
import { FILE_TYPES, inodeAt } from "../linux/inode.ts";
import { cPath, openDirectoryAt, unlinkAt, WORKING_DIRECTORY } from "../linux/openat.ts";
import type { RemoveOrder, RemoveReport } from "./remove-tree.ts";
import { removeDirectoryTree } from "./tree/remove-directory.ts";

/** A thread that removes one tree and ends. */
function run({ directory, name }: RemoveOrder): RemoveReport {
  const child = cPath(name);
  try {
    const dir = openDirectoryAt(WORKING_DIRECTORY, cPath(directory));
    try {
      const inode = inodeAt(dir, child);
      if (inode?.type === FILE_TYPES.directory) removeDirectoryTree(dir, child);
      else if (inode !== null) unlinkAt(dir, child);
    } finally {
      closeFile(dir);
    }
    return { kind: "done" };
  } catch (error) {
    if (hasCode(error, "ENOENT")) return { kind: "done" };
    if (hasCode(error, "EXDEV", "EBUSY")) return { kind: "mounted" };
    return { kind: "failed", reason: error instanceof Error ? error.message : String(error) };
  }
}

// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a port of this process, no window
parentPort?.postMessage(run(workerData));
