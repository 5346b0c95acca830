import { areEqual, copyOf, latin1 } from "../../../core/archive/bytes.ts";
import type { TreePath } from "../../../core/archive/tree-path.ts";
import { inodeOf } from "../../linux/inode.ts";
import { cString, openDirectoryInRoot } from "../../linux/openat.ts";

/** Enough for the widest jumps between directories that archives make, and far below any limit on descriptors. */
const MAX_OPEN = 256;

/** A directory of the tree. */
export interface OpenDirectory {
  /** It only names the directory. */
  readonly fd: number;
  /** The same number for the same directory, whatever path led to it; another one may have it, too, if rarely. */
  readonly identity: number;
}

/**
 * A tree's directories by path, opened once and kept while they are in use. A descriptor is the caller's until the next
 * but one call.
 */
export class DirectoryCache {
  readonly #root: OpenDirectory;
  readonly #close: (fd: number) => void;
  /** The one used longest ago first. */
  readonly #open = new Map<string, OpenDirectory>();
  #lastPath: Uint8Array = new Uint8Array(0);
  #last: OpenDirectory;

  /** @param close closes a descriptor when everybody who was given it is done with it */
  constructor(root: number, close: (fd: number) => void) {
    this.#root = { fd: root, identity: identityOf(root) };
    this.#close = close;
    this.#last = this.#root;
  }

  /** @throws {SystemCallError} ENOENT, ENOTDIR, ELOOP, EXDEV and others */
  get(path: TreePath): OpenDirectory {
    const { bytes } = path;
    if (areEqual(bytes, this.#lastPath)) return this.#last;
    const directory = bytes.length === 0 ? this.#root : this.#lookUp(bytes);
    this.#lastPath = copyOf(bytes);
    this.#last = directory;
    return directory;
  }

  /** Closes all; for when a name that a path may have led through leads elsewhere now. */
  clear(): void {
    for (const { fd } of this.#open.values()) this.#close(fd);
    this.#open.clear();
    this.#lastPath = new Uint8Array(0);
    this.#last = this.#root;
  }

  #lookUp(path: Uint8Array): OpenDirectory {
    const key = latin1(path);
    const known = this.#open.get(key);
    if (known !== undefined) {
      this.#open.delete(key);
      this.#open.set(key, known);
      return known;
    }
    const fd = openDirectoryInRoot(this.#root.fd, cString(path));
    const directory = { fd, identity: identityOf(fd) };
    this.#open.set(key, directory);
    if (this.#open.size > MAX_OPEN) this.#closeOldest();
    return directory;
  }

  #closeOldest(): void {
    for (const [key, { fd }] of this.#open) {
      this.#open.delete(key);
      this.#close(fd);
      return;
    }
  }
}

/** Inode numbers of one file system differ in their low bits. */
function identityOf(fd: number): number {
  return Number(BigInt.asIntN(32, BigInt(inodeOf(fd).number)));
}
