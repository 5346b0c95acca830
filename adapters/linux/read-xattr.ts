import { hasCode } from "./errno.ts";
import { declare, lastError } from "./ffi.ts";

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
