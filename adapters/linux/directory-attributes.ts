import { lstatSync } from "node:fs";
import { withDirectories } from "./directory.ts";
import { hasCode } from "./errno.ts";
import { declare, lastError } from "./ffi.ts";
import { setMode, setOwner, setTimes } from "./file-calls.ts";
import { cString } from "./openat.ts";
import { removeXattrOf, setXattr } from "./xattr.ts";

const NANOSECONDS = 1_000_000_000n;

const flistxattr = declare<(fd: number, list: Uint8Array | null, sizeBytes: number) => number>(
  "long flistxattr(int, void*, size_t)",
);
const fgetxattr = declare<(fd: number, name: Uint8Array, value: Uint8Array | null, sizeBytes: number) => number>(
  "long fgetxattr(int, const void*, void*, size_t)",
);

/**
 * Gives a directory the owner, the mode, the extended attributes and the modification time (in nanoseconds) of another.
 * @param isCopied which attributes; a name's bytes are the characters' codes
 * @throws {SystemCallError}
 */
export function copyDirectoryAttributes(from: string, to: string, isCopied: (xattrName: string) => boolean): void {
  const { uid, gid, mode, mtimeNs } = lstatSync(from, { bigint: true });
  withDirectories([from, to], ([source = -1, copy = -1]) => {
    setOwner(copy, Number(uid), Number(gid));
    // after the owner, whose change may clear setuid and setgid; before the attributes: an ACL says more than a mode
    setMode(copy, Number(mode & 0o7777n));
    for (const name of listXattrs(source).filter(isCopied)) copyXattr(source, copy, name);
    // never negative, also before 1970
    const nanoseconds = ((mtimeNs % NANOSECONDS) + NANOSECONDS) % NANOSECONDS;
    setTimes(copy, Number((mtimeNs - nanoseconds) / NANOSECONDS), Number(nanoseconds));
  });
}

/** Takes a directory's extended attribute away; nothing when it is not there. @throws {SystemCallError} */
export function removeDirectoryXattr(path: string, name: string): void {
  withDirectories([path], ([fd = -1]) => removeXattrOf(fd, name));
}

function listXattrs(fd: number): string[] {
  const list = readWhole("flistxattr", (buffer, sizeBytes) => flistxattr(fd, buffer, sizeBytes));
  return Buffer.from(list).toString("latin1").split("\0").filter(Boolean);
}

function copyXattr(from: number, to: number, name: string): void {
  const nameBytes = cString(Buffer.from(name, "latin1"));
  setXattr(
    to,
    nameBytes,
    readWhole("fgetxattr", (buffer, sizeBytes) => fgetxattr(from, nameBytes, buffer, sizeBytes)),
  );
}

/** The size first, then the bytes; again when it grew between. A file system without attributes has none. */
function readWhole(syscall: string, readInto: (buffer: Uint8Array | null, sizeBytes: number) => number): Uint8Array {
  for (;;) {
    const buffer = new Uint8Array(Math.max(0, readInto(null, 0)));
    const sizeBytes = readInto(buffer, buffer.length);
    if (sizeBytes >= 0) return buffer.subarray(0, sizeBytes);
    const error = lastError(syscall);
    if (hasCode(error, "EOPNOTSUPP", "ENOTSUP")) return buffer.subarray(0, 0);
    if (!hasCode(error, "ERANGE")) throw error;
  }
}
