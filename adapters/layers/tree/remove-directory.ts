import { entriesIn } from "../../linux/directory-entries.ts";
import { hasCode } from "../../linux/errno.ts";
import { closeFile, setModeAt } from "../../linux/file-calls.ts";
import { FILE_TYPES, inodeAt } from "../../linux/inode.ts";
import {
  type CString,
  cPath,
  openDirectoryOnSameMount,
  removeDirectoryAt,
  renameAt,
  unlinkAt,
} from "../../linux/openat.ts";

/** Deeper directories than this are brought up to the top before they are emptied: few descriptors, little stack. */
const MAX_LEVELS = 32;

/**
 * Removes a directory of a directory with all that is in it, however deep. Symbolic links are not followed, mounts are
 * not entered. Blocks: for a thread of its own.
 * @throws {SystemCallError} EXDEV or EBUSY where something is mounted below it, and others
 */
export function removeDirectoryTree(dir: number, name: CString): void {
  for (let isEmpty = false; !isEmpty; ) isEmpty = emptyOnce(dir, name);
  removeDirectoryAt(dir, name);
}

/** Empties what is near the top, and brings what is too deep up to it; whether nothing is left. */
function emptyOnce(dir: number, name: CString): boolean {
  let lifted = 0;
  const top = openForRemoval(dir, name);
  const lift = (parent: number, child: CString): void => {
    for (;;) {
      try {
        renameAt(parent, child, top, cPath(`.imgstore-lifted-${lifted++}`));
        return;
      } catch (error) {
        if (!hasCode(error, "EEXIST")) throw error;
      }
    }
  };
  try {
    empty(top, 0, lift);
  } finally {
    closeFile(top);
  }
  return lifted === 0;
}

function empty(dir: number, level: number, lift: (dir: number, name: CString) => void): void {
  for (const { name, isDirectory } of entriesIn(dir)) {
    if (!(isDirectory ?? leadsToDirectory(dir, name))) unlinkAt(dir, name);
    else if (level === MAX_LEVELS) lift(dir, name);
    else {
      const child = openForRemoval(dir, name);
      try {
        empty(child, level + 1, lift);
      } finally {
        closeFile(child);
      }
      removeDirectoryAt(dir, name);
    }
  }
}

function leadsToDirectory(dir: number, name: CString): boolean {
  return inodeAt(dir, name)?.type === FILE_TYPES.directory;
}

/** Whoever is not root may have to let himself into a directory of his own first, and into changing it. */
function openForRemoval(dir: number, name: CString): number {
  if (process.geteuid?.() !== 0) setModeAt(dir, name, 0o700);
  return openDirectoryOnSameMount(dir, name);
}
