import { closeFile, setMode, setOwner } from "../../linux/file-calls.ts";
import { cPath, makeDirectoryAt, openDirectoryAt, WORKING_DIRECTORY } from "../../linux/openat.ts";
import { removeXattrOf } from "../../linux/xattr.ts";
import { SpillFile } from "../tree/spill-file.ts";

/**
 * Makes a directory that only its owner may enter, for a tree.
 * @throws {SystemCallError} EEXIST and others
 */
export function makeStagingRoot(path: string): void {
  makeDirectoryAt(WORKING_DIRECTORY, cPath(path), 0o700);
  disinherit(path);
}

/** A file without a name beside a staging root, for what does not fit in memory meanwhile. @throws {SystemCallError} */
export function openSpill(path: string): SpillFile {
  return new SpillFile(WORKING_DIRECTORY, cPath(`${path}.directories`));
}

/** What the directory above passes on (its group, setgid, default ACLs) would go down into the whole tree. */
function disinherit(path: string): void {
  const root = openDirectoryAt(WORKING_DIRECTORY, cPath(path));
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
