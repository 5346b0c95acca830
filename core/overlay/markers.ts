const PRIVATE = "trusted.overlay.";
const ESCAPED = "trusted.overlay.overlay.";

/**
 * Whether overlayfs takes an extended attribute for its own in a layer, and does not show it. An escaped one is not: the
 * mount shows `trusted.overlay.overlay.opaque` as `trusted.overlay.opaque`, without acting on it.
 */
export function isOverlayPrivate(xattrName: string): boolean {
  return xattrName.startsWith(PRIVATE) && !xattrName.startsWith(ESCAPED);
}
