import { basename, dirname } from "node:path";
import { closeFile, setMode, setOwner } from "../../linux/file-calls.ts";
import { cPath, makeDirectoryAt, openDirectoryAt, WORKING_DIRECTORY } from "../../linux/openat.ts";
import { removeXattrOf } from "../../linux/xattr.ts";
import { SpillFile } from "../tree/spill-file.ts";

/**
 * Makes a directory that only its owner may enter, for a tree, and a file for what does not fit in memory meanwhile.
 * @throws {SystemCallError} EEXIST and others
 */
export function makeStagingRoot(path: string): { readonly spill: SpillFile } {
  const parent = openDirectoryAt(WORKING_DIRECTORY, cPath(dirname(path)));
  const name = basename(path);
  try {
    makeDirectoryAt(parent, cPath(name), 0o700);
    disinherit(parent, name);
    return { spill: new SpillFile(parent, cPath(`${name}.directories`)) };
  } finally {
    closeFile(parent);
  }
}

/** What the directory above passes on (its group, setgid, default ACLs) would go down into the whole tree. */
function disinherit(parent: number, name: string): void {
  const root = openDirectoryAt(parent, cPath(name));
  try {
    for (const acl of ["system.posix_acl_default", "system.posix_acl_access"]) removeXattrOf(root, acl);
    setOwner(root, ownIds().uid, ownIds().gid);
    setMode(root, 0o700);
  } finally {
    closeFile(root);
  }
}

/** Whose the files are that this process makes. */
export function ownIds(): { readonly uid: number; readonly gid: number } {
  return { uid: process.geteuid?.() ?? 0, gid: process.getegid?.() ?? 0 };
}
