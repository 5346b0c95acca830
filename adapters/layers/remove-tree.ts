import { lstat } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { Worker } from "node:worker_threads";
import { ImgstoreError } from "../../core/errors.ts";
import { hasCode } from "../linux/errno.ts";
import { entryFile } from "../package-files.ts";

/** What a removing thread is started with. */
export interface RemoveOrder {
  readonly directory: string;
  readonly name: string;
}

/** What it says, once. */
export type RemoveReport =
  | { readonly kind: "done" }
  | { readonly kind: "mounted" }
  | { readonly kind: "failed"; readonly reason: string };

/**
 * Removes a file or a directory with all that is in it, off the event loop; nothing when it is not there. Symbolic links
 * are not followed, and what is mounted below it stops the removal.
 * @throws {ImgstoreError} IN_USE (something is mounted below it), IO_ERROR
 */
export async function removeTree(path: string): Promise<void> {
  if (!(await isThere(path))) return;
  const order: RemoveOrder = { directory: dirname(path), name: basename(path) };
  // what the program was started with is about its own first file
  const worker = new Worker(entryFile("adapters/layers/remove-thread"), { workerData: order, execArgv: [] });
  const report = await reportOf(worker);
  if (report.kind === "done") return;
  if (report.kind === "mounted") {
    throw new ImgstoreError("IN_USE", `cannot remove "${path}": something is mounted below it`, {
      hint: `findmnt --list | grep ${path} shows what; unmount it first`,
    });
  }
  throw new ImgstoreError("IO_ERROR", `cannot remove "${path}": ${report.reason}`, {
    hint: "look into the kernel's log for errors of the disk",
  });
}

async function isThere(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    if (hasCode(error, "ENOENT", "ENOTDIR")) return false;
    throw error;
  }
}

function reportOf(worker: Worker): Promise<RemoveReport> {
  return new Promise((resolve, reject) => {
    let last: RemoveReport | null = null;
    worker.on("message", (report: RemoveReport) => {
      last = report;
    });
    worker.on("error", reject);
    worker.on("exit", () => {
      if (last === null) reject(new Error("the removing thread ended without a word"));
      else resolve(last);
    });
  });
}
