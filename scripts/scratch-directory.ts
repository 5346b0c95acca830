import { mkdtemp, statfs } from "node:fs/promises";
import { tmpdir } from "node:os";

const OVERLAYFS_MAGIC = 0x794c7630;

/**
 * A fresh directory that an overlay's upper layer may lie in: one that is not on an overlay itself, as a container's
 * own root is. Null where there is none.
 * @param parents where it may be made, the best first
 */
export async function scratchDirectory(
  purpose: string,
  parents: readonly string[] = [tmpdir(), "/var/tmp", "/dev/shm"],
): Promise<string | null> {
  for (const parent of parents) {
    if (await canHoldUpper(parent)) return mkdtemp(`${parent}/imgstore-${purpose}-`);
  }
  return null;
}

async function canHoldUpper(directory: string): Promise<boolean> {
  try {
    return (await statfs(directory)).type !== OVERLAYFS_MAGIC;
  } catch {
    return false; // not there, so not a place to work in
  }
}
