import { readdirSync } from "node:fs";
import { closeDescriptor } from "../../linux/directory.ts";
import { hasCode } from "../../linux/errno.ts";
import { FILE_TYPES, inodeOf } from "../../linux/inode.ts";

/**
 * Closes directories that whoever started this process left open in it, before it opens any of its own: no wall helps
 * against a descriptor of what lies behind it.
 * @throws {SystemCallError}
 */
export function closeInheritedDirectories(): void {
  for (const fd of readdirSync("/proc/self/fd").map(Number)) {
    if (isDirectory(fd)) closeDescriptor(fd);
  }
}

function isDirectory(fd: number): boolean {
  try {
    return inodeOf(fd).type === FILE_TYPES.directory;
  } catch (error) {
    // what they were listed by is closed meanwhile
    if (hasCode(error, "EBADF")) return false;
    throw error;
  }
}
