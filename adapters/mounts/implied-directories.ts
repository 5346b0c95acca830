import { type BigIntStats, lstatSync, mkdirSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { isImplied } from "../../core/archive/implied.ts";
import { isOverlayPrivate } from "../../core/overlay/markers.ts";
import { copyDirectoryAttributes } from "../linux/directory-attributes.ts";
import { syncDirectory } from "../linux/sync-directory.ts";
import { isOpaque } from "./opaque.ts";

/**
 * Gives a new upper the attributes of the merged root, and of every directory that a layer has and does not list: the
 * mount would show what the topmost layer has made up for it. Such a directory is made in the upper, empty and with the
 * attributes of the topmost layer that does list it, as if it had been copied up. What is made in the upper is durable, the
 * upper itself is the caller's to sync.
 * @param lowers topmost first
 * @throws {SystemCallError}
 */
export async function carryAttributes(lowers: readonly string[], upper: string): Promise<void> {
  const root: Merged = { path: "", layers: lowers };
  const carried = await carriedBelow(root);
  for (const { path } of carried) mkdirSync(join(upper, path));
  // The innermost first: making a directory changes the time of the one around it.
  for (const { path, from } of carried.toReversed()) copyAttributes(from, join(upper, path));
  copyAttributes(sourceOf(root), upper);
  for (const { path } of carried) await syncDirectory(join(upper, path));
}

/** A directory as the mount shows it: its path, and the layers that have it, topmost first. */
interface Merged {
  readonly path: string;
  readonly layers: readonly string[];
}

/** A directory that the upper is to have, and the one whose attributes it gets. */
interface Carried {
  readonly path: string;
  readonly from: string;
}

/** Each after the one around it, which is carried as well. */
async function carriedBelow(directory: Merged): Promise<Carried[]> {
  // Where only one layer has it, there is nothing that another one could say.
  if (directory.layers.length < 2) return [];
  const carried: Carried[] = [];
  for (const name of await namesIn(directory)) {
    const child = merge(directory, name);
    if (child === null) continue;
    const [from, below] = [sourceOf(child), await carriedBelow(child)];
    if (below.length === 0 && from === topmostOf(child)) continue;
    carried.push({ path: child.path, from });
    for (const inner of below) carried.push(inner);
  }
  return carried;
}

/** Names of directories in a merged one; those that only its lowest layer has are not looked for, and none but UTF-8. */
async function namesIn({ path, layers }: Merged): Promise<Set<string>> {
  const names = new Set<string>();
  for (const layer of layers.slice(0, -1)) {
    for (const entry of await readdir(join(layer, path), { withFileTypes: true })) {
      if (entry.isDirectory()) names.add(entry.name);
    }
  }
  return names;
}

/** What the mount shows under a name of a directory; null where that is no directory. */
function merge({ path, layers }: Merged, name: string): Merged | null {
  const child = join(path, name);
  const found: string[] = [];
  for (const layer of layers) {
    const stats = statOf(join(layer, child));
    if (stats === null) continue;
    // A whiteout, too, ends what is seen from above.
    if (!stats.isDirectory()) break;
    found.push(layer);
    if (isOpaque(join(layer, child))) break;
  }
  return found.length === 0 ? null : { path: child, layers: found };
}

function topmostOf({ path, layers }: Merged): string {
  return join(layers[0] ?? "", path);
}

/** The directory whose attributes the merged one is to show: of the topmost layer that lists it. */
function sourceOf(directory: Merged): string {
  const { path, layers } = directory;
  const listing = layers.find((layer) => !isImplied(lstatSync(join(layer, path), { bigint: true }).mtimeNs));
  return listing === undefined ? topmostOf(directory) : join(listing, path);
}

function statOf(path: string): BigIntStats | null {
  return lstatSync(path, { bigint: true, throwIfNoEntry: false }) ?? null;
}

function copyAttributes(from: string, to: string): void {
  copyDirectoryAttributes(from, to, (name) => !isOverlayPrivate(name));
}
