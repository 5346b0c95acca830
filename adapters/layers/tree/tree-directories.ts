import type { Budget } from "../../../core/archive/budget.ts";
import { bytesOf, shown } from "../../../core/archive/bytes.ts";
import { type Attributes, IMPLICIT_DIRECTORY } from "../../../core/archive/plan.ts";
import { type Place, refusal } from "../../../core/archive/refusal.ts";
import { nameIn, parentOf, type TreePath } from "../../../core/archive/tree-path.ts";
import { OPAQUE_XATTR } from "../../../core/archive/xattrs.ts";
import { hasCode } from "../../linux/errno.ts";
import { closeFile } from "../../linux/file-calls.ts";
import { FILE_TYPES, inodeAt } from "../../linux/inode.ts";
import { type CString, cString, makeDirectoryAt, makeNodeAt, openDirectoryAt, unlinkAt } from "../../linux/openat.ts";
import { setXattr } from "../../linux/xattr.ts";
import { DirectoryCache } from "./directory-cache.ts";
import { DirectoryLog, type Spill } from "./directory-log.ts";
import { setAttributes } from "./metadata.ts";
import { removeDirectoryTree } from "./remove-directory.ts";
import { unpackError } from "./unpack-error.ts";

/** The directories of a tree that is being made: found, made where missing, marked, and given their attributes last. */
export class TreeDirectories {
  readonly #budget: Budget;
  readonly #cache: DirectoryCache;
  readonly #log: DirectoryLog;

  constructor(root: number, budget: Budget, spill: Spill) {
    this.#budget = budget;
    this.#cache = new DirectoryCache(root);
    this.#log = new DirectoryLog(spill);
  }

  /**
   * Makes something in a path's directory. Where the name is taken, what has it is removed first.
   * @param create called again after an EEXIST; descriptors it got from here are over then
   */
  createIn(path: TreePath, place: Place, create: (dir: number, name: CString) => void): void {
    const name = cString(nameIn(path));
    try {
      create(this.#of(parentOf(path), place), name);
    } catch (error) {
      if (!hasCode(error, "EEXIST")) throw error;
      this.#makeRoom(this.#of(parentOf(path), place), name);
      create(this.#of(parentOf(path), place), name);
    }
  }

  /** A descriptor of a directory that is there, good until the next but one call; null when there is none. */
  find(path: TreePath): number | null {
    try {
      return this.#cache.get(path);
    } catch (error) {
      if (hasCode(error, ...NOT_THERE)) return null;
      throw error;
    }
  }

  /** Makes a directory, or takes the one that is there; it gets its attributes with `applyLog`. */
  make(path: TreePath, attributes: Attributes, place: Place): void {
    const name = cString(nameIn(path));
    const parent = this.#of(parentOf(path), place);
    try {
      makeDirectoryAt(parent, name, attributes.mode & 0o777);
    } catch (error) {
      if (!hasCode(error, "EEXIST")) throw error;
      this.#takeOrReplace(path, name, attributes, place);
    }
    this.#log.append({ path, attributes, offset: place.offset });
  }

  /**
   * Hides what lower layers have under a name; what this layer has under it stays. Nothing where this layer has something
   * that is no directory around it: that hides all. (A directory that became a file is told so by some: the file, and
   * that all that was in the directory is gone.)
   */
  hide(path: TreePath, place: Place): void {
    if (this.#isCovered(parentOf(path))) return;
    const dir = this.#of(parentOf(path), place);
    const name = cString(nameIn(path));
    try {
      makeNodeAt(dir, name, FILE_TYPES.characterDevice, 0);
    } catch (error) {
      if (!hasCode(error, "EEXIST")) throw error;
      if (inodeAt(dir, name)?.type === FILE_TYPES.directory) markOpaqueAt(dir, name);
    }
  }

  /** Hides what lower layers have in a directory; nothing as for `hide`. */
  hideAllBelow(path: TreePath, place: Place): void {
    if (this.#isCovered(path)) return;
    markOpaqueAt(this.#of(path, place), ITSELF);
  }

  /** Gives every directory the attributes that were asked for last. */
  applyLog(): void {
    for (const { path, attributes, offset } of this.#log.records()) {
      const place = { path: path.bytes, offset };
      try {
        this.#apply(path, attributes, place);
      } catch (error) {
        throw unpackError(error, place);
      }
    }
  }

  #apply(path: TreePath, attributes: Attributes, place: Place): void {
    const parent = this.find(parentOf(path));
    const fd = parent === null ? null : openWhereDirectory(parent, cString(nameIn(path)));
    if (fd === null) return;
    try {
      setAttributes(fd, attributes, null, place);
    } finally {
      closeFile(fd);
    }
  }

  /** Whether something that is no directory has the place of a directory, or of one around it. */
  #isCovered(path: TreePath): boolean {
    if (this.find(path) !== null) return false;
    const parent = this.find(parentOf(path));
    if (parent === null) return this.#isCovered(parentOf(path));
    const name = cString(nameIn(path));
    const found = inodeAt(parent, name);
    return found !== null && found.type !== FILE_TYPES.directory && !found.isWhiteout;
  }

  /** A directory; what of its path is missing is made. */
  #of(path: TreePath, place: Place): number {
    return this.find(path) ?? this.#makeImplicit(path, place);
  }

  #makeImplicit(path: TreePath, place: Place): number {
    const parent = this.#of(parentOf(path), place);
    const name = cString(nameIn(path));
    this.#budget.takeEntry(place);
    try {
      makeDirectoryAt(parent, name, IMPLICIT_DIRECTORY.mode);
    } catch (error) {
      if (!hasCode(error, "EEXIST")) throw error;
      this.#replaceWhiteout(parent, name, path, place);
    }
    this.#log.append({ path, attributes: IMPLICIT_DIRECTORY, offset: place.offset });
    return this.#cache.get(path);
  }

  /** Something is to lie below a name that only says so far that lower layers' is hidden. */
  #replaceWhiteout(parent: number, name: CString, path: TreePath, place: Place): void {
    if (inodeAt(parent, name)?.isWhiteout !== true) {
      throw refusal("UNSAFE_ARCHIVE", place, `"${shown(path.bytes)}", below which it lies, is no directory`);
    }
    unlinkAt(parent, name);
    makeDirectoryAt(parent, name, IMPLICIT_DIRECTORY.mode);
    markOpaqueAt(parent, name);
  }

  #takeOrReplace(path: TreePath, name: CString, attributes: Attributes, place: Place): void {
    const found = inodeAt(this.#of(parentOf(path), place), name);
    if (found?.type === FILE_TYPES.directory) return;
    this.#makeRoom(this.#of(parentOf(path), place), name);
    const parent = this.#of(parentOf(path), place);
    makeDirectoryAt(parent, name, attributes.mode & 0o777);
    if (found?.isWhiteout === true) markOpaqueAt(parent, name);
  }

  /** A path may have led through a directory or a symbolic link that goes: no descriptor found so far is kept. */
  #makeRoom(dir: number, name: CString): void {
    const type = inodeAt(dir, name)?.type;
    if (type === FILE_TYPES.directory) removeDirectoryTree(dir, name);
    else unlinkAt(dir, name);
    if (type === FILE_TYPES.directory || type === FILE_TYPES.symlink) this.#cache.clear();
  }
}

/** ELOOP: a symbolic link that leads to itself. */
const NOT_THERE = ["ENOENT", "ENOTDIR", "ELOOP"] as const;

function openWhereDirectory(dir: number, name: CString): number | null {
  try {
    return openDirectoryAt(dir, name);
  } catch (error) {
    if (hasCode(error, ...NOT_THERE)) return null;
    throw error;
  }
}

/** @param name of a directory; "." for `dir` itself */
function markOpaqueAt(dir: number, name: CString): void {
  const fd = openDirectoryAt(dir, name);
  try {
    setXattr(fd, OPAQUE_NAME, YES);
  } finally {
    closeFile(fd);
  }
}

const ITSELF = cString(bytesOf("."));
const OPAQUE_NAME = cString(bytesOf(OPAQUE_XATTR));
const YES = bytesOf("y");
