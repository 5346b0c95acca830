import { readdirSync } from "node:fs";
import type { TemporaryStore } from "./temporary-store.ts";

const FOLDERS = ["blobs", "images", "overlays", "active", "tmp"] as const;

/** The names in each folder of a store, sorted. */
export function contentsOf(store: TemporaryStore): Record<(typeof FOLDERS)[number], string[]> {
  const [blobs = [], images = [], overlays = [], active = [], tmp = []] = FOLDERS.map((folder) =>
    readdirSync(store.path(folder)).toSorted(),
  );
  return { blobs, images, overlays, active, tmp };
}
