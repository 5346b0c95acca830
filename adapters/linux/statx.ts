import { deviceIdOf } from "../../core/overlay/mountinfo.ts";
import { declare, lastError } from "./ffi.ts";

const AT_FDCWD = -100;
const AT_SYMLINK_NOFOLLOW = 0x100;
const AT_NO_AUTOMOUNT = 0x800;
const AT_EMPTY_PATH = 0x1000;
/** Takes what the kernel already knows: neither a network file system nor a FUSE server is asked. */
const AT_STATX_DONT_SYNC = 0x4000;

const STATX_INO = 0x100;
const STATX_MNT_ID = 0x1000;
/** Linux 6.8; the older reusable id is given where it is not known. */
const STATX_MNT_ID_UNIQUE = 0x4000;
const STATX_ATTR_MOUNT_ROOT = 0x2000n;

const statx = declare<(dir: number, path: string, flags: number, mask: number, buffer: Uint8Array) => number>(
  "int statx(int, const char*, int, unsigned int, void*)",
);

/** Where a file lies, as the kernel sees it. */
export interface FilePlace {
  /** st_dev, decimal. */
  readonly deviceId: string;
  readonly inode: string;
  /** The unique id of the mount where the kernel has one, else mountinfo's; null before Linux 5.8. Decimal. */
  readonly mountId: string | null;
  readonly isUniqueMountId: boolean;
  /** Null before Linux 5.8, which does not say. */
  readonly isMountRoot: boolean | null;
}

/**
 * Where a path leads.
 * @throws {SystemCallError}
 */
export function placeOf(path: string, how: { readonly followsLinks: boolean } = { followsLinks: false }): FilePlace {
  const flags = AT_NO_AUTOMOUNT | AT_STATX_DONT_SYNC | (how.followsLinks ? 0 : AT_SYMLINK_NOFOLLOW);
  return read(AT_FDCWD, path, flags);
}

/** Where an open descriptor leads. @throws {SystemCallError} */
export function placeOfDescriptor(fd: number): FilePlace {
  return read(fd, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC);
}

/** @see statx(2) */
function read(dir: number, path: string, flags: number): FilePlace {
  const buffer = new Uint8Array(256);
  if (statx(dir, path, flags, STATX_INO | STATX_MNT_ID_UNIQUE, buffer) < 0) throw lastError("statx", path);
  const view = new DataView(buffer.buffer);
  const isLittleEndian = true;
  const mask = view.getUint32(0, isLittleEndian);
  const attributes = view.getBigUint64(8, isLittleEndian);
  const knownAttributes = view.getBigUint64(56, isLittleEndian);
  const hasMountId = (mask & (STATX_MNT_ID | STATX_MNT_ID_UNIQUE)) !== 0;
  return {
    deviceId: deviceIdOf(view.getUint32(136, isLittleEndian), view.getUint32(140, isLittleEndian)),
    inode: view.getBigUint64(32, isLittleEndian).toString(),
    mountId: hasMountId ? view.getBigUint64(144, isLittleEndian).toString() : null,
    isUniqueMountId: (mask & STATX_MNT_ID_UNIQUE) !== 0,
    isMountRoot: (knownAttributes & STATX_ATTR_MOUNT_ROOT) === 0n ? null : (attributes & STATX_ATTR_MOUNT_ROOT) !== 0n,
  };
}
