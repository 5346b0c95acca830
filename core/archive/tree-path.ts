import type { Budget } from "./budget.ts";
import { hasNul } from "./bytes.ts";
import { type Place, refusal } from "./refusal.ts";

/** A path below the root of a tree: no leading or trailing slash, no empty, "." or ".." component. Empty: the root. */
export interface TreePath {
  readonly bytes: Uint8Array;
  /** First byte of the last component. */
  readonly nameStart: number;
}

const SLASH = 0x2f;
const DOT = 0x2e;
/** What the kernel lets a component have. */
const MAX_COMPONENT_BYTES = 255;

/**
 * A name of an archive as a path of the tree: leading slashes and "." components mean nothing there, ".." is refused.
 * @throws {ImgstoreError} UNSAFE_ARCHIVE, CORRUPT_ARCHIVE (empty, NUL), LIMIT_EXCEEDED
 */
export function parseTreePath(name: Uint8Array, place: Place, budget: Budget): TreePath {
  if (name.length === 0) throw refusal("CORRUPT_ARCHIVE", place, "its name is empty");
  if (hasNul(name)) throw refusal("CORRUPT_ARCHIVE", place, "its name contains a NUL");
  budget.checkPath(name.length, place);
  const path = new Uint8Array(name.length);
  let length = 0;
  let nameStart = 0;
  let depth = 0;
  for (let start = 0; start < name.length; ) {
    const slash = name.indexOf(SLASH, start);
    const end = slash < 0 ? name.length : slash;
    if (!isMeaningless(name, start, end)) {
      checkComponent(name, start, end, place);
      if (length > 0) path[length++] = SLASH;
      nameStart = length;
      for (let i = start; i < end; i++) path[length++] = name[i] ?? 0;
      depth++;
    }
    start = end + 1;
  }
  budget.checkDepth(depth, place);
  return { bytes: path.subarray(0, length), nameStart };
}

/** The last component. */
export function nameIn(path: TreePath): Uint8Array {
  return path.bytes.subarray(path.nameStart);
}

/** The directory it lies in; of the root, the root. */
export function parentOf(path: TreePath): TreePath {
  const bytes = path.bytes.subarray(0, Math.max(0, path.nameStart - 1));
  return { bytes, nameStart: bytes.lastIndexOf(SLASH) + 1 };
}

/** A sibling of it with another name. */
export function siblingOf(path: TreePath, name: Uint8Array): TreePath {
  const bytes = new Uint8Array(path.nameStart + name.length);
  bytes.set(path.bytes.subarray(0, path.nameStart));
  bytes.set(name, path.nameStart);
  return { bytes, nameStart: path.nameStart };
}

function isMeaningless(name: Uint8Array, start: number, end: number): boolean {
  return end === start || (end === start + 1 && name[start] === DOT);
}

function checkComponent(name: Uint8Array, start: number, end: number, place: Place): void {
  if (end === start + 2 && name[start] === DOT && name[start + 1] === DOT) {
    throw refusal("UNSAFE_ARCHIVE", place, 'its name contains ".."');
  }
  if (end - start > MAX_COMPONENT_BYTES) {
    throw refusal("UNSAFE_ARCHIVE", place, `a component of its name is longer than ${MAX_COMPONENT_BYTES} bytes`);
  }
}
