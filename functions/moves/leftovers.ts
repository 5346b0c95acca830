import type { Claim } from "../../core/ports/image-rows.ts";
import { parseUnfinished } from "../../core/unfinished.ts";
import type { ClearContext } from "./act-context.ts";

/**
 * Deletes what this and earlier attempts at this placement left under `tmp/` when their worker died: all but the trees
 * that a row speaks of. An earlier worker that is merely slow finds its directory gone and fails; what a later one makes
 * is left alone, for it may be us who are slow.
 */
export async function dropLeftovers({ disk, placement, work, claim }: ClearContext): Promise<void> {
  const found = (await disk.layers.listUnfinished()).filter((name) => isLeftBehind(name, claim));
  if (found.length === 0) return;
  const staged = new Set<string>();
  const digests = new Set(placement.layers.map((layer) => layer.digest));
  // a plain tar is its own layer, and may have been unpacked ahead before it was one of the placement's
  if (placement.checksum !== null) digests.add(placement.checksum);
  for (const digest of digests) {
    const layer = await work.readLayer(digest, disk.layers.form);
    if (layer?.staged) staged.add(layer.staged.name);
  }
  for (const name of found) if (!staged.has(name)) await disk.layers.discard(name);
}

function isLeftBehind(name: string, { placementId, fence }: Claim): boolean {
  const owner = parseUnfinished(name);
  return owner.kind === "attempt" && owner.placementId === placementId && owner.fence <= fence;
}
