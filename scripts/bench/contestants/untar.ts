/** Needs of `UNTAR`. */
export const TAR_NEEDS: Readonly<Record<string, string>> = { tar: "tar" };

/** GNU tar, restoring from stdin all that imgstore does: every xattr, owners by number, modes whole. */
export const UNTAR =
  "tar --extract --numeric-owner --same-owner --same-permissions --xattrs --xattrs-include='*' --directory";
