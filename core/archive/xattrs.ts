import { ACL_XATTRS } from "./acl-text.ts";
import { bytesOf, shown } from "./bytes.ts";
import type { EntryKind } from "./entry.ts";
import { type Place, refusal } from "./refusal.ts";

/** An extended attribute as it is set. */
export interface Xattr {
  /** One character a byte. */
  readonly name: string;
  readonly value: Uint8Array;
}

/**
 * The attributes of an entry as they may be set: overlayfs's own are escaped, so that a mount shows them and does not
 * act on them; the labels of the host's own policy (SELinux and its like) and what the kind of file cannot have are left
 * out. Access control lists come first: they belong to the mode.
 * @throws {ImgstoreError} UNSAFE_ARCHIVE for other attributes in `trusted.`
 * @see kernel, Documentation/filesystems/overlayfs.rst, "Nesting overlayfs mounts"; xattr(7)
 */
export function allowedXattrs(
  xattrs: ReadonlyMap<string, Uint8Array>,
  kind: EntryKind,
  place: Place,
): readonly Xattr[] {
  if (xattrs.size === 0) return NO_XATTRS;
  const allowed: Xattr[] = [];
  for (const [name, value] of xattrs) {
    const set = allowedName(name, kind, place);
    if (set === null) continue;
    if (set === ACL_XATTRS.access || set === ACL_XATTRS.default) allowed.unshift({ name: set, value });
    else allowed.push({ name: set, value });
  }
  return allowed;
}

/** Bytes of names and values. */
export function sizeOfXattrs(xattrs: ReadonlyMap<string, Uint8Array>): number {
  let bytes = 0;
  for (const [name, value] of xattrs) bytes += name.length + value.length;
  return bytes;
}

export const NO_XATTRS: readonly Xattr[] = [];

/** Mark of a directory that hides what lower layers have in it. */
export const OPAQUE_XATTR = "trusted.overlay.opaque";

function allowedName(name: string, kind: EntryKind, place: Place): string | null {
  for (const prefix of OVERLAY_PREFIXES)
    if (name.startsWith(prefix)) return `${prefix}overlay.${name.slice(prefix.length)}`;
  if (name.startsWith("trusted.")) {
    throw refusal(
      "UNSAFE_ARCHIVE",
      place,
      `its attribute "${shown(bytesOf(name))}" is for the host's privileged programs`,
    );
  }
  if (name.startsWith("user.")) return kind === "file" || kind === "directory" ? name : null;
  if (name.startsWith("security.")) return OWN_SECURITY.has(name) ? name : null;
  if (name === ACL_XATTRS.access) return kind === "symlink" ? null : name;
  if (name === ACL_XATTRS.default) return kind === "directory" ? name : null;
  return null;
}

const OVERLAY_PREFIXES = ["trusted.overlay.", "user.overlay."] as const;

/** What says something about the file itself, on every machine: its capabilities, and a signature of its contents. */
const OWN_SECURITY: ReadonlySet<string> = new Set(["security.capability", "security.ima"]);

/** Whether an attribute of an unpacked file is its archive's affair, and not the host's (labels of its security policy). */
export function isOfArchive(name: string): boolean {
  if (name.startsWith("user.") || name.startsWith("trusted.") || OWN_SECURITY.has(name)) return true;
  return name === ACL_XATTRS.access || name === ACL_XATTRS.default;
}
