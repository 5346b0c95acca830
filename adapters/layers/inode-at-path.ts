import { lstat } from "node:fs/promises";
import { hasCode } from "../linux/errno.ts";

/**
 * The inode number of what lies under a path, decimal: it tells one tree from another that took its name. Null where there
 * is nothing.
 * @throws {SystemCallError}
 */
export async function inodeAtPath(path: string): Promise<string | null> {
  try {
    return (await lstat(path, { bigint: true })).ino.toString();
  } catch (error) {
    if (hasCode(error, "ENOENT")) return null;
    throw error;
  }
}
