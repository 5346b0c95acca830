import { basename, dirname } from "node:path";
import { closeFile, setMode, setOwner } from "../../linux/file-calls.ts";
import { cPath, makeDirectoryAt, openDirectoryAt, WORKING_DIRECTORY } from "../../linux/openat.ts";
import { removeXattrOf } from "../../linux/xattr.ts";
import { removeDirectoryTree } from "../tree/remove-directory.ts";
import { SpillFile } from "../tree/spill-file.ts";

/**
 * Makes a directory that only its owner may enter and runs with a descriptor of it, and with a file for what does not
 * fit in memory meanwhile; where that fails, the directory is gone again.
 * @throws {SystemCallError} EEXIST and others, and whatever `use` throws
 */
export async function withStagingRoot<T>(
  path: string,
  use: (root: number, spill: SpillFile) => Promise<T>,
): Promise<T> {
  const parent = openDirectoryAt(WORKING_DIRECTORY, cPath(dirname(path)));
  const name = basename(path);
  try {
    makeDirectoryAt(parent, cPath(name), 0o700);
    return await useOrRemove(parent, name, use);
  } finally {
    closeFile(parent);
  }
}

async function useOrRemove<T>(
  parent: number,
  name: string,
  use: (root: number, spill: SpillFile) => Promise<T>,
): Promise<T> {
  const root = openDirectoryAt(parent, cPath(name));
  const spill = new SpillFile(parent, cPath(`${name}.directories`));
  let isWhole = false;
  try {
    disinherit(root);
    const result = await use(root, spill);
    isWhole = true;
    return result;
  } finally {
    spill.close();
    closeFile(root);
    if (!isWhole) removeDirectoryTree(parent, cPath(name));
  }
}

/** What the directory above passes on (its group, setgid, default ACLs) would go down into the whole tree. */
function disinherit(root: number): void {
  for (const acl of ["system.posix_acl_default", "system.posix_acl_access"]) removeXattrOf(root, acl);
  setOwner(root, ownIds().uid, ownIds().gid);
  setMode(root, 0o700);
}

/** Whose the files are that this process makes. */
export function ownIds(): { readonly uid: number; readonly gid: number } {
  return { uid: process.geteuid?.() ?? 0, gid: process.getegid?.() ?? 0 };
}
