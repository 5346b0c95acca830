import { hasCode } from "../linux/errno.ts";
import { cString } from "../linux/openat.ts";
import { readXattr } from "../linux/read-xattr.ts";
import { removeXattrOf, setXattr } from "../linux/xattr.ts";

const NAME = "user.imgstore.validator";

/**
 * What identified the source's object, kept with the partial's bytes so that it lives and dies with them; null where it
 * was not known, or where the file system keeps no attributes.
 */
export function readValidator(fd: number): string | null {
  const value = readXattr(fd, NAME);
  return value === null || value.length === 0 ? null : Buffer.from(value).toString("utf8");
}

/** Keeps a validator where that can be done: without it the digest alone judges what is put together. */
export function writeValidator(fd: number, validator: string | null): void {
  // First away with the old one: it must not vouch for new bytes when the new one cannot be kept.
  removeXattrOf(fd, NAME);
  if (validator === null) return;
  try {
    setXattr(fd, cString(Buffer.from(NAME)), Buffer.from(validator));
  } catch (error) {
    if (!hasCode(error, "EOPNOTSUPP", "ENOTSUP", "ENOSPC", "EDQUOT", "E2BIG", "ERANGE")) throw error;
  }
}
