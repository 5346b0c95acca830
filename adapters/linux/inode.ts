import { hasCode } from "./errno.ts";
import { declare, lastError } from "./ffi.ts";
import type { CString } from "./openat.ts";

const AT_SYMLINK_NOFOLLOW = 0x100;
const AT_EMPTY_PATH = 0x1000;
const STATX_BASIC_STATS = 0x7ff;
const TYPE_BITS = 0o170000;

const statx = declare<(dir: number, name: CString, flags: number, mask: number, buffer: Uint8Array) => number>(
  "int statx(int, const void*, int, unsigned int, void*)",
);

/** Type bits of a mode. */
export const FILE_TYPES = {
  fifo: 0o010000,
  characterDevice: 0o020000,
  directory: 0o040000,
  blockDevice: 0o060000,
  regular: 0o100000,
  symlink: 0o120000,
} as const;

/** What a name leads to. */
export interface Inode {
  /** One of FILE_TYPES, or another type's bits. */
  readonly type: number;
  /** A character device 0:0, as overlayfs keeps what a layer deletes. */
  readonly isWhiteout: boolean;
  /** Decimal. */
  readonly number: string;
}

/** What a name in a directory leads to, a symbolic link itself included; null when there is nothing. @throws {SystemCallError} */
export function inodeAt(dir: number, name: CString): Inode | null {
  const buffer = new Uint8Array(256);
  if (statx(dir, name, AT_SYMLINK_NOFOLLOW, STATX_BASIC_STATS, buffer) === 0) return read(buffer);
  const error = lastError("statx");
  if (hasCode(error, "ENOENT")) return null;
  throw error;
}

/** What an open descriptor leads to. @throws {SystemCallError} */
export function inodeOf(fd: number): Inode {
  const buffer = new Uint8Array(256);
  if (statx(fd, EMPTY, AT_EMPTY_PATH, STATX_BASIC_STATS, buffer) < 0) throw lastError("statx");
  return read(buffer);
}

const EMPTY = new Uint8Array(1);

/** What an inode says of itself. */
export interface FileAttributes extends Inode {
  /** Permission and special bits. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Seconds since 1970, with nine decimals. */
  readonly mtime: string;
  readonly sizeBytes: number;
  /** Of a device: major and minor number. */
  readonly device: string;
  readonly names: number;
}

/** As `inodeAt`, with all that it says of itself. @throws {SystemCallError} */
export function attributesAt(dir: number, name: CString): FileAttributes | null {
  const buffer = new Uint8Array(256);
  if (statx(dir, name, AT_SYMLINK_NOFOLLOW, STATX_BASIC_STATS, buffer) === 0) return readAttributes(buffer);
  const error = lastError("statx");
  if (hasCode(error, "ENOENT")) return null;
  throw error;
}

function readAttributes(buffer: Uint8Array): FileAttributes {
  const view = new DataView(buffer.buffer);
  return {
    ...read(buffer),
    names: view.getUint32(16, true),
    uid: view.getUint32(20, true),
    gid: view.getUint32(24, true),
    mode: view.getUint16(28, true) & ~TYPE_BITS,
    sizeBytes: Number(view.getBigUint64(40, true)),
    mtime: `${view.getBigInt64(112, true)}.${String(view.getUint32(120, true)).padStart(9, "0")}`,
    device: `${view.getUint32(128, true)}:${view.getUint32(132, true)}`,
  };
}

/** @see statx(2) */
function read(buffer: Uint8Array): Inode {
  const view = new DataView(buffer.buffer);
  const type = view.getUint16(28, true) & TYPE_BITS;
  const isZeroDevice = view.getUint32(128, true) === 0 && view.getUint32(132, true) === 0;
  return {
    type,
    isWhiteout: type === FILE_TYPES.characterDevice && isZeroDevice,
    number: view.getBigUint64(32, true).toString(),
  };
}
