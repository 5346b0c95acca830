/** Needs of `EXTRACT`. */
export const TAR_NEEDS: Readonly<Record<string, string>> = { tar: "tar" };

/** GNU tar, restoring all that imgstore does: every xattr, owners by number, modes whole. */
export const EXTRACT =
  "tar --extract --numeric-owner --same-owner --same-permissions --xattrs --xattrs-include='*' --directory";

/**
 * The archive on stdin into a directory. What follows the archive's end is read, too: tar leaves it, and whoever still
 * writes it would be killed.
 */
export function untar(directory: string): string {
  return `{ ${EXTRACT} ${directory} && cat >/dev/null; }`;
}
