import { Budget } from "../../../core/archive/budget.ts";
import { EntryParser } from "../../../core/archive/entries.ts";
import type { ArchiveLimits } from "../../../core/limits.ts";
import type { Confinement } from "../../linux/confine.ts";
import { inodeOf } from "../../linux/inode.ts";
import { syncFileSystem } from "../../linux/sync.ts";
import { TreeWriter } from "../tree/tree-writer.ts";
import { unpackError } from "../tree/unpack-error.ts";
import type { BuiltTree } from "./messages.ts";
import { takeNewborn } from "./newborn.ts";
import type { PlainPiece } from "./plain-ring.ts";
import { openSpill } from "./staging-root.ts";

/** What a tree is made of, beside the pieces of its archive. */
export interface TreeOrder {
  /** A directory for it, made by `makeStagingRoot`. */
  readonly treePath: string;
  readonly limits: ArchiveLimits;
}

/** Makes a tree of a plain archive, piece by piece, all in the calling thread. */
export class TreeBuilder {
  readonly #root: number;
  readonly #budget: Budget;
  readonly #tree: TreeWriter;
  readonly #parser: EntryParser;
  #storedBytes = 0;
  #workedMs = 0;

  /**
   * @param confine confines the calling thread to the tree's directory, when what lies beside it has been opened
   * @throws {SystemCallError}
   * @throws {ImgstoreError} CONFINEMENT_FAILED
   */
  constructor({ treePath, limits }: TreeOrder, confine: () => Confinement) {
    const spill = openSpill(treePath);
    this.#root = confine().root;
    // after that: a mask of its own parts a thread from those that are confined with it
    const newborn = takeNewborn();
    this.#budget = new Budget(limits, () => this.#storedBytes);
    this.#tree = new TreeWriter(this.#root, { budget: this.#budget, newborn, spill });
    this.#parser = new EntryParser(this.#tree, this.#budget);
  }

  /** @throws {ImgstoreError} as LayerTrees.unpack */
  take({ bytes, storedBytes }: PlainPiece): void {
    const startedAtMs = performance.now();
    this.#storedBytes = storedBytes;
    this.#budget.takeStream(bytes.length);
    this.#parser.push(bytes);
    // what is waited for between two pieces is not its work
    this.#workedMs += performance.now() - startedAtMs;
    this.#budget.checkTime(this.#workedMs);
  }

  /** There are no more pieces: the tree is whole and durable when this returns. @throws {ImgstoreError} */
  finish(): BuiltTree {
    this.#parser.finish();
    this.#tree.finish();
    try {
      syncFileSystem(this.#root);
    } catch (error) {
      throw unpackError(error, null);
    }
    const { count: skippedDevices, firstNames: firstSkipped } = this.#tree.skipped;
    const { number: inode } = inodeOf(this.#root);
    return { inode, sizeBytes: this.#budget.contentBytes, skippedDevices, firstSkipped };
  }
}
