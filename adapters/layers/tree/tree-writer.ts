import type { Budget } from "../../../core/archive/budget.ts";
import type { EntrySink } from "../../../core/archive/entries.ts";
import type { Entry } from "../../../core/archive/entry.ts";
import { ImageArchiveWatch } from "../../../core/archive/image-archive.ts";
import { type Attributes, IMPLICIT_DIRECTORY, type Plan, planEntry } from "../../../core/archive/plan.ts";
import type { Place } from "../../../core/archive/refusal.ts";
import type { Spill } from "./directory-log.ts";
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
}

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
  readonly #files: FileWriter;
  readonly #watch = new ImageArchiveWatch();
  #rootAttributes: Attributes = IMPLICIT_DIRECTORY;
  /** Of the entry that is being made; null when it is about none. */
  #place: Place | null = null;

  /** @param root descriptor of the empty directory that is to be the tree's root; the caller closes it */
  constructor(root: number, how: TreeWriterOptions) {
    this.#root = root;
    this.#budget = how.budget;
    this.#newborn = how.newborn;
    this.#files = new FileWriter(how.newborn);
    this.#directories = new TreeDirectories(root, how.budget, how.spill);
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
      this.#files.content(bytes, start, end, position);
    });
  }

  end(): void {
    this.#translated(() => this.#files.end());
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
      this.#directories.applyLog();
      setAttributes(this.#root, this.#rootAttributes, null, ROOT);
    });
  }

  #carryOut(plan: Plan, place: Place): void {
    switch (plan.kind) {
      case "root":
        this.#rootAttributes = plan.attributes;
        return;
      case "directory":
        return this.#directories.make(plan.path, plan.attributes, place);
      case "file":
        return this.#directories.createIn(plan.path, place, (dir, name) => this.#files.begin(dir, name, plan, place));
      case "symlink":
        return makeSymlink(this.#directories, plan, this.#newborn, place);
      case "node":
        return makeNode(this.#directories, plan, { newborn: this.#newborn, skipped: this.skipped }, place);
      case "hardlink":
        return makeHardlink(this.#directories, plan, this.skipped, place);
      case "whiteout":
        return this.#directories.hide(plan.path, place);
      case "opaque":
        return this.#directories.hideAllBelow(plan.path, place);
      case "ignored":
        return;
    }
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
