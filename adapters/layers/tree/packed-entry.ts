import { bytesOf, latin1 } from "../../../core/archive/bytes.ts";
import type { Attributes } from "../../../core/archive/plan.ts";
import type { TreePath } from "../../../core/archive/tree-path.ts";
import type { CString } from "../../linux/openat.ts";

const FIXED_BYTES = 48;

/** Something that a tree is to have, and what it is to get. */
export interface PackedEntry {
  readonly path: TreePath;
  readonly attributes: Attributes;
  /** Of the entry that asked for it, in the plain archive. */
  readonly offset: number;
}

/** What is unpacked, with the name as the kernel takes it. */
export interface UnpackedEntry extends PackedEntry {
  readonly name: CString;
}

/** How many bytes an entry takes when it is packed: a multiple of 8. */
export function packedBytes({ path, attributes }: PackedEntry): number {
  let bytes = FIXED_BYTES + path.bytes.length + 1;
  for (const { name, value } of attributes.xattrs) bytes += 8 + name.length + value.length;
  return (bytes + 7) & ~7;
}

/** Packs an entry into a view from `at` on; `packedBytes` says how many bytes that takes. */
export function packEntry(view: DataView, at: number, entry: PackedEntry): void {
  const { mode, uid, gid, mtime, xattrs } = entry.attributes;
  const path = entry.path.bytes;
  view.setUint32(at, packedBytes(entry));
  view.setUint32(at + 4, path.length);
  view.setUint32(at + 8, entry.path.nameStart);
  view.setUint32(at + 12, mode);
  view.setUint32(at + 16, uid);
  view.setUint32(at + 20, gid);
  view.setUint32(at + 24, mtime.nanoseconds);
  view.setUint32(at + 28, xattrs.length);
  view.setFloat64(at + 32, mtime.seconds);
  view.setFloat64(at + 40, entry.offset);
  const bytes = new Uint8Array(view.buffer, view.byteOffset);
  bytes.set(path, at + FIXED_BYTES);
  bytes[at + FIXED_BYTES + path.length] = 0;
  let next = at + FIXED_BYTES + path.length + 1;
  for (const { name, value } of xattrs) {
    view.setUint32(next, name.length);
    view.setUint32(next + 4, value.length);
    bytes.set(bytesOf(name), next + 8);
    bytes.set(value, next + 8 + name.length);
    next += 8 + name.length + value.length;
  }
}

/** Bytes of the packed entry that begins at `at`. */
export function packedBytesAt(view: DataView, at: number): number {
  return view.getUint32(at);
}

/** The entry that was packed at `at`, as a copy. */
export function unpackEntry(view: DataView, at: number): UnpackedEntry {
  const bytes = new Uint8Array(view.buffer, view.byteOffset);
  const pathEnd = at + FIXED_BYTES + view.getUint32(at + 4);
  const nameStart = view.getUint32(at + 8);
  // slice() of shared memory would be shared, too, where the platform says so
  const terminated = new Uint8Array(bytes.subarray(at + FIXED_BYTES, pathEnd + 1));
  return {
    path: { bytes: terminated.subarray(0, -1), nameStart },
    name: terminated.subarray(nameStart),
    attributes: {
      mode: view.getUint32(at + 12),
      uid: view.getUint32(at + 16),
      gid: view.getUint32(at + 20),
      mtime: { seconds: view.getFloat64(at + 32), nanoseconds: view.getUint32(at + 24) },
      xattrs: unpackXattrs(view, bytes, pathEnd + 1, view.getUint32(at + 28)),
    },
    offset: view.getFloat64(at + 40),
  };
}

function unpackXattrs(view: DataView, bytes: Uint8Array, start: number, count: number): Attributes["xattrs"] {
  const xattrs = [];
  for (let at = start, left = count; left > 0; left--) {
    const nameEnd = at + 8 + view.getUint32(at);
    const valueEnd = nameEnd + view.getUint32(at + 4);
    xattrs.push({ name: latin1(bytes, at + 8, nameEnd), value: new Uint8Array(bytes.subarray(nameEnd, valueEnd)) });
    at = valueEnd;
  }
  return xattrs;
}
