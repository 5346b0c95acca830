import { bytesOf, latin1 } from "./bytes.ts";
import { type Place, refusal } from "./refusal.ts";
import type { TreePath } from "./tree-path.ts";

const PREFIX = ".wh.";
const OPAQUE = ".wh..wh..opq";
/** Names that AUFS keeps its own affairs under; old images carry them along. */
const AUFS_PREFIX = ".wh..wh.";

/** What a path's name means to a layer. */
export type Marker =
  | { readonly kind: "none" }
  /** Hides what lower layers have under that name, beside it. */
  | { readonly kind: "whiteout"; readonly hidden: string }
  /** Hides all that lower layers have in the directory it lies in. */
  | { readonly kind: "opaque" }
  | { readonly kind: "ignored" };

const NONE: Marker = { kind: "none" };
const FIRST = bytesOf(PREFIX);

/**
 * What a path means by OCI's rules for whiteouts.
 * @throws {ImgstoreError} UNSAFE_ARCHIVE for a whiteout of nothing, of "." or "..", or with something below it
 * @see OCI image-spec, layer.md, "Whiteouts"
 */
export function markerOf(path: TreePath, place: Place): Marker {
  const marked = firstMarked(path.bytes);
  if (marked < 0) return NONE;
  const text = latin1(path.bytes);
  const isOpaque = text.startsWith(OPAQUE, marked) && /^(?:\/|$)/.test(text.slice(marked + OPAQUE.length));
  if (text.startsWith(AUFS_PREFIX, marked) && !isOpaque) return { kind: "ignored" };
  if (marked !== path.nameStart) throw refusal("UNSAFE_ARCHIVE", place, "it lies below a whiteout");
  const name = text.slice(marked);
  if (name === OPAQUE) return { kind: "opaque" };
  const hidden = name.slice(PREFIX.length);
  if (hidden !== "" && hidden !== "." && hidden !== "..") return { kind: "whiteout", hidden };
  throw refusal("UNSAFE_ARCHIVE", place, "it is a whiteout of nothing that could be there");
}

/** Where the first component with the prefix begins; -1 when none has it. */
function firstMarked(path: Uint8Array): number {
  for (let start = 0; start < path.length; ) {
    if (FIRST.every((byte, index) => path[start + index] === byte)) return start;
    const slash = path.indexOf(0x2f, start);
    if (slash < 0) return -1;
    start = slash + 1;
  }
  return -1;
}
