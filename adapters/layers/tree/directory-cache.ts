import { areEqual, copyOf, latin1 } from "../../../core/archive/bytes.ts";
import type { TreePath } from "../../../core/archive/tree-path.ts";
import { closeFile } from "../../linux/file-calls.ts";
import { cString, openDirectoryInRoot } from "../../linux/openat.ts";

/** Enough for the widest jumps between directories that archives make, and far below any limit on descriptors. */
const MAX_OPEN = 256;

/**
 * Descriptors of a tree's directories by path, opened once and kept while they are in use. They only name directories.
 * A descriptor is the caller's until the next but one call.
 */
export class DirectoryCache {
  readonly #root: number;
  /** The one used longest ago first. */
  readonly #open = new Map<string, number>();
  #lastPath: Uint8Array = new Uint8Array(0);
  #last: number;

  constructor(root: number) {
    this.#root = root;
    this.#last = root;
  }

  /** @throws {SystemCallError} ENOENT, ENOTDIR, ELOOP, EXDEV and others */
  get(path: TreePath): number {
    const { bytes } = path;
    if (areEqual(bytes, this.#lastPath)) return this.#last;
    const fd = bytes.length === 0 ? this.#root : this.#lookUp(bytes);
    this.#lastPath = copyOf(bytes);
    this.#last = fd;
    return fd;
  }

  /** Closes all; for when a name that a path may have led through leads elsewhere now. */
  clear(): void {
    for (const fd of this.#open.values()) closeFile(fd);
    this.#open.clear();
    this.#lastPath = new Uint8Array(0);
    this.#last = this.#root;
  }

  #lookUp(path: Uint8Array): number {
    const key = latin1(path);
    const known = this.#open.get(key);
    if (known !== undefined) {
      this.#open.delete(key);
      this.#open.set(key, known);
      return known;
    }
    const fd = openDirectoryInRoot(this.#root, cString(path));
    this.#open.set(key, fd);
    if (this.#open.size > MAX_OPEN) this.#closeOldest();
    return fd;
  }

  #closeOldest(): void {
    for (const [key, fd] of this.#open) {
      this.#open.delete(key);
      closeFile(fd);
      return;
    }
  }
}
