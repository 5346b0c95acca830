import { closeSync, openSync } from "node:fs";
import { hasCode } from "../../adapters/linux/errno.ts";
import { declare, lastError } from "../../adapters/linux/ffi.ts";
import { cString } from "../../adapters/linux/openat.ts";
import { setXattr } from "../../adapters/linux/xattr.ts";

const getxattr = declare<(path: string, name: string, value: Uint8Array, sizeBytes: number) => number>(
  "long lgetxattr(const char*, const char*, void*, size_t)",
);

/** Sets an extended attribute of a file or a directory. */
export function setFileXattr(path: string, name: string, value: string): void {
  const fd = openSync(path, "r");
  try {
    setXattr(fd, cString(Buffer.from(name)), Buffer.from(value));
  } finally {
    closeSync(fd);
  }
}

/** An extended attribute's value as text; null when it is not there. */
export function readFileXattr(path: string, name: string): string | null {
  return readFileXattrBytes(path, name)?.toString() ?? null;
}

/** An extended attribute's value; null when it is not there. */
export function readFileXattrBytes(path: string, name: string): Buffer | null {
  const value = new Uint8Array(65_536);
  const sizeBytes = getxattr(path, name, value, value.length);
  if (sizeBytes >= 0) return Buffer.from(value.subarray(0, sizeBytes));
  const error = lastError("lgetxattr", path);
  if (hasCode(error, "ENODATA")) return null;
  throw error;
}
