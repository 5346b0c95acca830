import type { ClearContext } from "./act-context.ts";

/**
 * Deletes what earlier attempts of this placement left under `tmp/` when their worker died: everything named after the
 * placement but the trees that a row speaks of. A worker that is merely slow finds its directory gone and fails.
 */
export async function dropLeftovers({ disk, placement, work }: ClearContext): Promise<void> {
  const prefix = `${placement.id}.`;
  const found = (await disk.layers.listUnfinished()).filter((name) => name.startsWith(prefix));
  if (found.length === 0) return;
  const staged = new Set<string>();
  for (const { digest } of placement.layers) {
    const layer = await work.readLayer(digest, disk.layers.form);
    if (layer?.staged) staged.add(layer.staged.name);
  }
  for (const name of found) if (!staged.has(name)) await disk.layers.discard(name);
}
