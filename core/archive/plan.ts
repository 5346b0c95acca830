import type { Budget } from "./budget.ts";
import { bytesOf, hasNul } from "./bytes.ts";
import type { Entry } from "./entry.ts";
import { IMPLIED_TIME } from "./implied.ts";
import type { Time } from "./numbers.ts";
import { refusal } from "./refusal.ts";
import { parentOf, parseTreePath, siblingOf, type TreePath } from "./tree-path.ts";
import { markerOf } from "./whiteouts.ts";
import { allowedXattrs, NO_XATTRS, sizeOfXattrs, type Xattr } from "./xattrs.ts";

/** What every inode gets, in this order: owner, mode, extended attributes, times. */
export interface Attributes {
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly mtime: Time;
  readonly xattrs: readonly Xattr[];
}

/** What directories get that the archive does not list. */
export const IMPLICIT_DIRECTORY: Attributes = { mode: 0o755, uid: 0, gid: 0, mtime: IMPLIED_TIME, xattrs: NO_XATTRS };

/** What is to be done for an entry, decided without looking at a disk. */
export type Plan =
  | { readonly kind: "root"; readonly attributes: Attributes }
  | { readonly kind: "directory"; readonly path: TreePath; readonly attributes: Attributes }
  | {
      readonly kind: "file";
      readonly path: TreePath;
      readonly attributes: Attributes;
      readonly sizeBytes: number;
      readonly isSparse: boolean;
    }
  | {
      readonly kind: "symlink";
      readonly path: TreePath;
      readonly attributes: Attributes;
      /** Verbatim: it may lead anywhere, nothing here follows it out of the tree. */
      readonly target: Uint8Array;
    }
  | { readonly kind: "hardlink"; readonly path: TreePath; readonly target: TreePath }
  | {
      readonly kind: "node";
      readonly path: TreePath;
      readonly attributes: Attributes;
      readonly type: "character-device" | "block-device" | "fifo";
      /** As the kernel encodes it. */
      readonly device: number;
    }
  /** `path` is what lower layers have and this one hides. */
  | { readonly kind: "whiteout"; readonly path: TreePath }
  /** `path` is the directory whose lower contents are hidden. */
  | { readonly kind: "opaque"; readonly path: TreePath }
  | { readonly kind: "ignored" };

/**
 * What to do for an entry.
 * @throws {ImgstoreError} UNSAFE_ARCHIVE, CORRUPT_ARCHIVE, LIMIT_EXCEEDED
 */
export function planEntry(entry: Entry, budget: Budget): Plan {
  const path = parseTreePath(entry.path, entry, budget);
  budget.checkXattrs(sizeOfXattrs(entry.xattrs), entry);
  const marker = markerOf(path, entry);
  if (marker.kind === "ignored") return marker;
  if (marker.kind !== "none") {
    // AUFS made its whiteouts hard links of one another
    if (entry.kind !== "file" && entry.kind !== "hardlink") {
      throw refusal("UNSAFE_ARCHIVE", entry, `it is a whiteout and a ${entry.kind}`);
    }
    if (marker.kind === "opaque") return { kind: "opaque", path: parentOf(path) };
    return { kind: "whiteout", path: siblingOf(path, bytesOf(marker.hidden)) };
  }
  if (path.bytes.length > 0) return PLANNERS[entry.kind](entry, path, budget);
  if (entry.kind !== "directory") throw refusal("UNSAFE_ARCHIVE", entry, "the root of the tree must be a directory");
  return { kind: "root", attributes: attributesOf(entry) };
}

type Planner = (entry: Entry, path: TreePath, budget: Budget) => Plan;

const PLANNERS: Readonly<Record<Entry["kind"], Planner>> = {
  directory: (entry, path) => ({ kind: "directory", path, attributes: attributesOf(entry) }),
  file: (entry, path) => {
    const { sizeBytes, isSparse } = entry;
    return { kind: "file", path, attributes: attributesOf(entry), sizeBytes, isSparse };
  },
  symlink: (entry, path, budget) => {
    if (entry.link.length === 0) throw refusal("CORRUPT_ARCHIVE", entry, "its link target is empty");
    if (hasNul(entry.link)) throw refusal("CORRUPT_ARCHIVE", entry, "its link target contains a NUL");
    budget.checkPath(entry.link.length, entry);
    return { kind: "symlink", path, attributes: attributesOf(entry), target: entry.link };
  },
  hardlink: (entry, path, budget) => {
    const target = parseTreePath(entry.link, entry, budget);
    const isPlain = target.bytes.length > 0 && markerOf(target, entry).kind === "none";
    if (!isPlain) throw refusal("UNSAFE_ARCHIVE", entry, "it is a hard link to the root or to a whiteout");
    return { kind: "hardlink", path, target };
  },
  "character-device": planNode,
  "block-device": planNode,
  fifo: planNode,
};

/** A character device 0:0 is how overlayfs keeps a whiteout: an archive says so by name, or not at all. */
function planNode(entry: Entry, path: TreePath): Plan {
  const { kind, major, minor } = entry;
  if (kind !== "character-device" && kind !== "block-device" && kind !== "fifo") throw new Error(`${kind} is no node`);
  if (kind === "fifo") return { kind: "node", path, attributes: attributesOf(entry), type: kind, device: 0 };
  if (kind === "character-device" && major === 0 && minor === 0) {
    throw refusal("UNSAFE_ARCHIVE", entry, "character device 0:0 is a whiteout in disguise");
  }
  if (major < 0 || major > MAX_MAJOR || minor < 0 || minor > MAX_MINOR) {
    throw refusal("UNSAFE_ARCHIVE", entry, `there is no device ${major}:${minor}`);
  }
  return { kind: "node", path, attributes: attributesOf(entry), type: kind, device: encodeDevice(major, minor) };
}

/** The kernel's own: 12 and 20 bits. */
const MAX_MAJOR = 0xfff;
const MAX_MINOR = 0xfffff;

/** @see makedev(3) */
function encodeDevice(major: number, minor: number): number {
  return ((minor & 0xff) | (major << 8) | ((minor & ~0xff) << 12)) >>> 0;
}

function attributesOf(entry: Entry): Attributes {
  const { mode, uid, gid, mtime } = entry;
  return { mode, uid, gid, mtime, xattrs: allowedXattrs(entry.xattrs, entry.kind, entry) };
}
