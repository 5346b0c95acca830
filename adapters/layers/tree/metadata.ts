import { bytesOf, shown } from "../../../core/archive/bytes.ts";
import type { Attributes } from "../../../core/archive/plan.ts";
import { type Place, refusal } from "../../../core/archive/refusal.ts";
import type { Xattr } from "../../../core/archive/xattrs.ts";
import { hasCode } from "../../linux/errno.ts";
import { setMode, setModeAt, setOwner, setOwnerAt, setTimes, setTimesAt } from "../../linux/file-calls.ts";
import { freeBlocksOf } from "../../linux/free-blocks.ts";
import { type CString, cString } from "../../linux/openat.ts";
import { setXattr, setXattrAt } from "../../linux/xattr.ts";

/** What is known of a new inode, so that nothing is set that is right already. */
export interface Newborn {
  readonly uid: number;
  readonly gid: number;
  /** Whether files get exactly the mode they are created with. */
  readonly isModeExact: boolean;
}

const SPECIAL_BITS = 0o7000;

/**
 * Gives an open file its attributes. Owner first, for changing it clears setuid, setgid and capabilities; then the mode,
 * which an ACL says more than; times last, for the others change them.
 * @param newborn null for what may be as old as it likes: everything is set then
 */
export function setAttributes(fd: number, attributes: Attributes, newborn: Newborn | null, place: Place): void {
  const { mode, uid, gid, mtime, xattrs } = attributes;
  if (newborn === null || uid !== newborn.uid || gid !== newborn.gid) setOwner(fd, uid, gid);
  if (newborn === null || !newborn.isModeExact || (mode & SPECIAL_BITS) !== 0) setMode(fd, mode);
  for (const xattr of xattrs) setOne(xattr, fd, place, (name) => setXattr(fd, name, xattr.value));
  setTimes(fd, mtime.seconds, mtime.nanoseconds);
}

/** As `setAttributes`, for a symbolic link, whose mode nobody looks at, or a node: opening one would do something. */
export function setAttributesAt(
  dir: number,
  name: CString,
  attributes: Attributes,
  kind: { readonly isSymlink: boolean; readonly newborn: Newborn; readonly place: Place },
): void {
  const { mode, uid, gid, mtime, xattrs } = attributes;
  const { newborn, isSymlink, place } = kind;
  if (uid !== newborn.uid || gid !== newborn.gid) setOwnerAt(dir, name, uid, gid);
  // nobody but this process can have put something else under the name meanwhile
  if (!isSymlink && (!newborn.isModeExact || (mode & SPECIAL_BITS) !== 0)) setModeAt(dir, name, mode);
  for (const xattr of xattrs) setOne(xattr, dir, place, (attribute) => setXattrAt(dir, name, attribute, xattr.value));
  setTimesAt(dir, name, mtime.seconds, mtime.nanoseconds);
}

/** @param fd on the same file system */
function setOne(xattr: Xattr, fd: number, place: Place, set: (name: CString) => void): void {
  try {
    set(cString(bytesOf(xattr.name)));
  } catch (error) {
    const name = shown(bytesOf(xattr.name));
    if (hasCode(error, "EINVAL", "ERANGE", "E2BIG")) {
      throw refusal("CORRUPT_ARCHIVE", place, `its attribute "${name}" has a value that it cannot have`, error);
    }
    // ext4 says that of attributes that do not fit an inode, too
    if (hasCode(error, "EOPNOTSUPP", "ENOTSUP") || (hasCode(error, "ENOSPC") && hasFreeSpace(fd))) {
      const problem = `this file system cannot keep its attribute "${name}" (${xattr.value.length} bytes)`;
      throw refusal("UNSAFE_ARCHIVE", place, problem, error);
    }
    throw error;
  }
}

function hasFreeSpace(fd: number): boolean {
  return freeBlocksOf(fd) > 1024;
}
