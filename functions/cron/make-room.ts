import { ImgstoreError } from "../../core/errors.ts";
import type { Disk, Engine } from "../engine.ts";
import { collectGarbage, removeMarked } from "./collect-garbage.ts";

/**
 * Takes so many bytes away from what is only kept: with a budget first blobs of images that do not need them, those that
 * no image asked for the longest, then what no image refers to.
 * @returns whether anything was removed
 */
export async function makeRoom(engine: Engine, { bytes, isOfBudget }: Shortage): Promise<boolean> {
  if (isOfBudget) {
    const dropped = await removeMarked(engine, () => engine.work.markKeptBlobs(bytes));
    const droppedBytes = (dropped?.blobs ?? []).reduce((sum, { sizeBytes }) => sum + (sizeBytes ?? 0), 0);
    if (droppedBytes >= bytes) return true;
    return (await collectUnreferenced(engine)) || droppedBytes > 0;
  }
  return collectUnreferenced(engine);
}

/**
 * Gives up what downloads that are not under way have fetched so far. Where nobody at work takes the room, these would keep
 * each other waiting for ever, each with its part of the disk.
 * @returns whether there was any
 */
export async function dropPartials({ blobs }: Pick<Disk, "blobs">): Promise<boolean> {
  let isAnyGone = false;
  for (const { digest } of await blobs.listFreePartials()) {
    if (await blobs.removePartial(digest)) isAnyGone = true;
  }
  return isAnyGone;
}

export interface Shortage {
  readonly bytes: number;
  /** Of the budget, not of the disk. */
  readonly isOfBudget: boolean;
}

/** Brings the store back under its budget where that was lowered, or has been passed. */
export async function keepBudget(engine: Engine): Promise<void> {
  const { maxBytes } = engine.settings;
  if (maxBytes === 0) return;
  const bytes = (await engine.work.storedBytes()) - maxBytes;
  if (bytes > 0) await makeRoom(engine, { bytes, isOfBudget: true });
}

/** What a person's `gc` takes, strays and partial downloads of removed images included. */
async function collectUnreferenced(engine: Engine): Promise<boolean> {
  try {
    return (await collectGarbage(engine, { isDryRun: false, isWithBlobs: false })).removed.length > 0;
  } catch (error) {
    // another collection that is under way makes room as well
    if (error instanceof ImgstoreError && error.code === "LEASED") return false;
    throw error;
  }
}
