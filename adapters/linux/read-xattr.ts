import { latin1 } from "../../core/archive/bytes.ts";
import { hasCode } from "./errno.ts";
import { declare, lastError } from "./ffi.ts";
import type { CString } from "./openat.ts";

/** The kernel's own bound (XATTR_SIZE_MAX). */
const MAX_VALUE_BYTES = 65536;

const fgetxattr = declare<(fd: number, name: string, value: Uint8Array, sizeBytes: number) => number>(
  "long fgetxattr(int, const char*, void*, size_t)",
);

/** An extended attribute of an open file; null where it has none of that name, or can have none. @throws {SystemCallError} */
export function readXattr(fd: number, name: string): Uint8Array | null {
  const value = new Uint8Array(MAX_VALUE_BYTES);
  const sizeBytes = fgetxattr(fd, name, value, value.length);
  if (sizeBytes >= 0) return value.slice(0, sizeBytes);
  const error = lastError("fgetxattr");
  if (hasCode(error, "ENODATA", "EOPNOTSUPP", "ENOTSUP")) return null;
  throw error;
}

const listxattr = declare<(path: string, list: Uint8Array, sizeBytes: number) => number>(
  "long listxattr(const char*, void*, size_t)",
);
const getxattr = declare<(path: string, name: CString, value: Uint8Array, sizeBytes: number) => number>(
  "long getxattr(const char*, const void*, void*, size_t)",
);

/**
 * All extended attributes of what a descriptor names (which need not be open for reading; a symbolic link has its own), by
 * name, one character a byte.
 * @throws {SystemCallError}
 */
export function xattrsOf(fd: number): ReadonlyMap<string, Uint8Array> {
  // by descriptor the kernel takes none that only names a file, and by path it would follow a symbolic link
  const path = `/proc/self/fd/${fd}`;
  const list = new Uint8Array(MAX_VALUE_BYTES);
  const length = listxattr(path, list, list.length);
  if (length < 0) {
    const error = lastError("listxattr");
    if (hasCode(error, "EOPNOTSUPP", "ENOTSUP")) return NONE;
    throw error;
  }
  if (length === 0) return NONE;
  const xattrs = new Map<string, Uint8Array>();
  for (let at = 0, end = 0; at < length; at = end) {
    end = list.indexOf(0, at) + 1;
    const name = list.slice(at, end);
    xattrs.set(latin1(name.subarray(0, -1)), valueOf(path, name));
  }
  return xattrs;
}

const NONE: ReadonlyMap<string, Uint8Array> = new Map();

function valueOf(path: string, name: CString): Uint8Array {
  const value = new Uint8Array(MAX_VALUE_BYTES);
  const sizeBytes = getxattr(path, name, value, value.length);
  if (sizeBytes < 0) throw lastError("getxattr");
  return value.slice(0, sizeBytes);
}
