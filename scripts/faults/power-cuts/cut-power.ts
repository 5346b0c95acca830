import { execFile } from "node:child_process";
import { copyFileSync, mkdtempSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { moduleFile } from "../../../adapters/package-files.ts";
import { type CutImage, cutImages, withPowerBack } from "./cut-images.ts";
import type { CutOrder } from "./cut-process.ts";
import { choosePowerCuts, choosePowerCutsAt, type PowerCut } from "./power-cut.ts";
import { promisesOf, restsOf } from "./promises.ts";
import { NODE, type Recording } from "./recording.ts";
import { HOPELESS } from "./walk-store.ts";

export interface CutOptions {
  readonly cuts: number;
  readonly seed: number;
  /** A disk that does not make so many of its last flushes, to see that damage is found; default 0. */
  readonly ignoredFlushes?: number;
  /** Cuts that are looked at beside each other. */
  readonly concurrency: number;
  readonly onCut?: (outcome: CutOutcome) => void;
}

export interface CutOutcome {
  /** So many events came before it. */
  readonly at: number;
  /** What is wrong; empty: nothing. */
  readonly findings: readonly string[];
}

/**
 * Cuts the power of a recorded store again and again, at other times: what is on the disk by then is mounted, held to what
 * was promised, and goes on.
 */
export async function cutPower(recording: Recording, options: CutOptions): Promise<CutOutcome[]> {
  const { concurrency, onCut } = options;
  const cuts = chooseCuts(recording, options);
  const images = cutImages(recording.history, cuts, mkdtempSync(join(recording.directory, "images-")));
  const outcomes: CutOutcome[] = [];
  const lane = async (): Promise<void> => {
    // taken one by one: `for await` in one lane would end the images for all
    for (let next = await images.next(); next.done !== true; next = await images.next()) {
      const outcome = await lookAt(recording, next.value);
      outcomes.push(outcome);
      onCut?.(outcome);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, lane));
  return outcomes;
}

/** Where the database keeps its power, the cuts come when nobody is at it: what it says then, the disk must have. */
function chooseCuts(
  { history: { events }, database }: Recording,
  { cuts: count, seed, ignoredFlushes = 0 }: CutOptions,
): PowerCut[] {
  if (database === "inside") return choosePowerCuts(events, { count, seed, ignoredFlushes });
  const moments = restsOf(events).map(({ at }) => at);
  return choosePowerCutsAt(moments, { count, seed, ignoredFlushes });
}

async function lookAt(recording: Recording, image: CutImage): Promise<CutOutcome> {
  const { history, references, storePath, environment } = recording;
  const { at } = image.cut;
  const promises = promisesOf(history.events.slice(0, at));
  try {
    const findings = await withPowerBack(image, (mountPoint) => {
      const root = join(mountPoint, storePath);
      const database = restsOf(history.events.slice(0, at)).at(-1)?.database;
      if (database !== undefined) copyFileSync(database, join(root, "imgstore.db"));
      const store = { root, node: NODE, promises, references, hopeless: HOPELESS };
      return goOn({ ...store, environment: { ...environment, IMGSTORE_ROOT: root } });
    });
    return { at, findings };
  } catch (error) {
    return { at, findings: [error instanceof Error ? error.message : String(error)] };
  }
}

/** In a process of its own: one that opened a database keeps its files open for a while, and the disk busy. */
async function goOn(order: CutOrder): Promise<string[]> {
  const args = [moduleFile("scripts/faults/power-cuts/cut-process"), JSON.stringify(order)];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  return JSON.parse(stdout);
}
