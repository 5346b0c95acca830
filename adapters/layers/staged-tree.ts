import type { StagedTree } from "../../core/ports/work-rows.ts";
import type { ExtractedTree } from "./extractor/messages.ts";

/** What is kept of a tree that was extracted, under its name. */
export function stagedTree(name: string, { inode, diffId, sizeBytes }: ExtractedTree): StagedTree {
  return { name, inode, diffId, sizeBytes };
}
