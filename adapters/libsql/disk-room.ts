import { closeSync, constants, openSync, statfsSync, writeSync } from "node:fs";
import { hasCode } from "../linux/errno.ts";

/** More than a transaction of ours writes, with the index of its log. */
const PROBE = Buffer.alloc(2 ** 18);

/** A file that never has a name. @see open(2), O_TMPFILE, which has O_DIRECTORY in it */
const NAMELESS = 0o20_000_000 | constants.O_DIRECTORY | constants.O_RDWR;

/**
 * Whether a file system takes nothing more, by trying. SQLite tells a full disk (ENOSPC) from other failures only where it
 * writes pages, a used up quota (EDQUOT) nowhere, and a want of inodes neither.
 * @param directory where it is tried; nothing is left there
 */
export function isDiskFull(directory: string): boolean {
  try {
    const fd = openSync(directory, NAMELESS, 0o600);
    try {
      return writeSync(fd, PROBE) < PROBE.length;
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    // whatever else it is (a file system without nameless files), nobody says that it is full
    return hasCode(error, "ENOSPC", "EDQUOT");
  }
}

const BTRFS_MAGIC = 0x9123_683e;

/**
 * Whether a file system wants new room for every write to a page that is mapped into memory. SQLite maps the index of its
 * log, and where there is no room for it (a full disk, a used up quota) the kernel ends the process with SIGBUS: no error,
 * and nothing that could be said of it. There one has to look before.
 */
export function copiesOnWrite(directory: string): boolean {
  try {
    return statfsSync(directory).type === BTRFS_MAGIC;
  } catch {
    return false; // that it is not there is said better by whoever opens a file in it
  }
}
