import { mkdirSync, rmdirSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { closeDescriptor, openDirectory } from "../linux/directory.ts";
import { hasCode } from "../linux/errno.ts";
import { unmountAt } from "../linux/mount-api.ts";
import { attachOverlay, type Overlay } from "./attach-overlay.ts";

/** An overlay's directories, and where it is mounted. */
export interface Trial {
  readonly lower: string;
  readonly upper: string;
  readonly work: string;
  readonly merged: string;
}

/**
 * Calls with an overlay that is mounted for as long as the call takes; nothing of it is left. Its lower holds `file`.
 * @param directory made for it, and removed
 * @param own upper and work to try; new ones by default
 * @throws {SystemCallError} what the kernel says to it
 */
export async function withTrialMount(
  directory: string,
  own: Partial<Pick<Trial, "upper" | "work">>,
  use: (trial: Trial) => void,
): Promise<void> {
  const inside = (name: string): string => join(directory, name);
  const made = { lower: inside("lower"), upper: inside("upper"), work: inside("work"), merged: inside("merged") };
  try {
    for (const path of [directory, ...Object.values(made)]) mkdirSync(path);
    writeFileSync(join(made.lower, "file"), "");
    useMounted({ ...made, ...own }, use);
  } finally {
    await discard(directory, made.merged);
  }
}

/** The mount point first: while something is mounted on it, it cannot go, and nothing below it may. */
async function discard(directory: string, merged: string): Promise<void> {
  try {
    rmdirSync(merged);
  } catch (error) {
    if (!hasCode(error, "ENOENT")) throw error;
  }
  await rm(directory, { recursive: true, force: true });
}

function useMounted(trial: Trial, use: (trial: Trial) => void): void {
  const { lower, upper, work, merged } = trial;
  const overlay: Overlay = { source: "imgstore-trial", lowers: [lower], upper, work, options: ["nodev", "nosuid"] };
  const fd = openDirectory(merged, "place");
  try {
    attachOverlay(overlay, { fd, path: merged });
    try {
      use(trial);
    } finally {
      // lazily, because a search program may just look at it
      unmountAt(merged, true);
    }
  } finally {
    closeDescriptor(fd);
  }
}
