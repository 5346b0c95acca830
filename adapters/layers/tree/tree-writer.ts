import type { Budget } from "../../../core/archive/budget.ts";
import type { EntrySink } from "../../../core/archive/entries.ts";
import type { Entry } from "../../../core/archive/entry.ts";
import { ImageArchiveWatch } from "../../../core/archive/image-archive.ts";
import { type Attributes, IMPLICIT_DIRECTORY, type Plan, planEntry } from "../../../core/archive/plan.ts";
import type { Place } from "../../../core/archive/refusal.ts";
import type { Spill } from "./directory-log.ts";
import type { FileQueue } from "./file-queue.ts";
import { FileWriter } from "./file-writer.ts";
import { makeHardlink, makeNode, makeSymlink } from "./make-special.ts";
import { type Newborn, setAttributes } from "./metadata.ts";
import { SkippedDevices } from "./skipped-devices.ts";
import { TreeDirectories } from "./tree-directories.ts";
import { unpackError } from "./unpack-error.ts";

export interface TreeWriterOptions {
  readonly budget: Budget;
  readonly newborn: Newborn;
  readonly spill: Spill;
  /** Writes files meanwhile. */
  readonly files: FileQueue;
}

type FilePlan = Extract<Plan, { kind: "file" }>;

/**
 * Makes a tree of what an archive's entries ask for, by system calls relative to descriptors of its own directories. Of
 * entries with one name the last one counts; only a directory on a directory keeps what is there.
 */
export class TreeWriter implements EntrySink {
  readonly skipped: SkippedDevices = new SkippedDevices();
  readonly #root: number;
  readonly #budget: Budget;
  readonly #newborn: Newborn;
  readonly #directories: TreeDirectories;
  readonly #queue: FileQueue;
  readonly #files: FileWriter;
  /** Who gets the contents of the file that is open. */
  #target: FileQueue | FileWriter;
  readonly #watch = new ImageArchiveWatch();
  #rootAttributes: Attributes = IMPLICIT_DIRECTORY;
  /** Of the entry that is being made; null when it is about none. */
  #place: Place | null = null;

  /** @param root descriptor of the empty directory that is to be the tree's root; the caller closes it */
  constructor(root: number, how: TreeWriterOptions) {
    this.#root = root;
    this.#budget = how.budget;
    this.#newborn = how.newborn;
    this.#queue = how.files;
    this.#files = new FileWriter(how.newborn);
    this.#target = this.#files;
    this.#directories = new TreeDirectories(root, how);
  }

  begin(entry: Entry): void {
    this.#place = entry;
    this.#translated(() => {
      const plan = planEntry(entry, this.#budget);
      this.#watch.begin(plan);
      this.#carryOut(plan, entry);
    });
  }

  content(bytes: Uint8Array, start: number, end: number, position: number): void {
    this.#translated(() => {
      this.#watch.content(bytes, start, end, position);
      this.#target.content(bytes, start, end, position);
    });
  }

  end(): void {
    this.#translated(() => this.#target.end());
    this.#target = this.#files;
  }

  /**
   * Gives the directories their attributes, now that nothing in them changes any more, and the root last: until then
   * nobody but its owner may look into it.
   * @throws {ImgstoreError} IMAGE_ARCHIVE and others
   */
  finish(): void {
    this.#place = null;
    this.#watch.finish();
    this.#translated(() => {
      // what is written into a directory changes its times
      this.#queue.drain();
      this.#directories.applyLog();
      setAttributes(this.#root, this.#rootAttributes, null, ROOT);
    });
  }

  /** Closes what is open, whatever came of it. */
  close(): void {
    this.#files.close();
    this.#directories.close();
  }

  #carryOut(plan: Plan, place: Place): void {
    switch (plan.kind) {
      case "root":
        this.#rootAttributes = plan.attributes;
        return;
      case "directory":
        return this.#directories.make(plan.path, plan.attributes, place);
      case "file":
        return this.#beginFile(plan, place);
      case "symlink":
        return makeSymlink(this.#directories, plan, this.#newborn, place);
      case "node":
        return makeNode(this.#directories, plan, { newborn: this.#newborn, skipped: this.skipped }, place);
      case "hardlink":
        // to a file that may still be to be written
        this.#queue.drain();
        return makeHardlink(this.#directories, plan, this.skipped, place);
      case "whiteout":
        return this.#directories.hide(plan.path, place);
      case "opaque":
        return this.#directories.hideAllBelow(plan.path, place);
      case "ignored":
        return;
    }
  }

  #beginFile(plan: FilePlan, { path, offset }: Place): void {
    this.#directories.createIn(plan.path, { path, offset }, (dir, name, isFree) => {
      const file = { ...plan, dir, offset };
      if (isFree && this.#queue.takes(file)) {
        this.#queue.begin(file);
        this.#target = this.#queue;
      } else this.#files.begin(dir, name, plan, { path, offset });
    });
  }

  #translated(act: () => void): void {
    try {
      act();
    } catch (error) {
      throw unpackError(error, this.#place);
    }
  }
}

const ROOT: Place = { path: new Uint8Array([0x2e]), offset: 0 };
