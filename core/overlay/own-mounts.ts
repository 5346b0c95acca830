import type { MountinfoEntry } from "./mountinfo.ts";

const SOURCE_PREFIX = "imgstore:";

/** What a key's mount calls itself: the first column of `df` and `mount`, by which it is recognised. */
export function sourceOf(key: string): string {
  return `${SOURCE_PREFIX}${key}`;
}

/**
 * The mount of each key of one store, where it is what one sees at the key's mount point. Another store's mounts lie under
 * another directory, a mount of something else has another source: neither is ours.
 * @param activeDirectory the store's mount points lie in it; absolute, without symbolic links
 */
export function ownMounts(
  entries: readonly MountinfoEntry[],
  activeDirectory: string,
): ReadonlyMap<string, MountinfoEntry> {
  const prefix = `${activeDirectory}/`;
  const own = new Map<string, MountinfoEntry>();
  for (const entry of entries) {
    if (!entry.mountPoint.startsWith(prefix)) continue;
    const key = entry.mountPoint.slice(prefix.length);
    // a later entry lies on top of an earlier one on the same directory
    if (entry.source === sourceOf(key)) own.set(key, entry);
    else own.delete(key);
  }
  return own;
}
