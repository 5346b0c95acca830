import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { moduleFile } from "../../../adapters/package-files.ts";
import { removeRun } from "../crash/crash-matrix.ts";
import { type Fixtures, makeFixtures } from "../crash/fixtures.ts";
import { type CutImage, cutImages, withPowerBack } from "./cut-images.ts";
import type { CutOrder } from "./cut-process.ts";
import type { FileSystem } from "./file-systems.ts";
import { type DiskHistory, withLogDisk } from "./log-disk.ts";
import { choosePowerCuts } from "./power-cut.ts";
import { promisesOf } from "./promises.ts";
import { makeReferences, type References } from "./references.ts";
import { walkStore } from "./walk-store.ts";

export interface PowerCutOptions {
  /** An existing directory, best on a tmpfs; what is made in it is removed. */
  readonly directory: string;
  readonly fileSystem: FileSystem;
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

export interface PowerCutReport {
  readonly writes: number;
  readonly flushes: number;
  /** Answers, and files that users synced. */
  readonly marks: number;
  readonly outcomes: readonly CutOutcome[];
}

const NODE = "here";
const STORE = "srv/store";
const ENVIRONMENT = { IMGSTORE_NODE: NODE, IMGSTORE_LEASE_MS: "2000", IMGSTORE_BACKOFF_MAX_MS: "20" };

/**
 * Walks a store through its life once, on a disk that logs what it is told, and then cuts the power again and again at
 * other times: what is there by then is mounted, held to what was promised, and goes on.
 */
export async function runPowerCuts(options: PowerCutOptions): Promise<PowerCutReport> {
  const home = mkdtempSync(join(options.directory, "power-cuts-"));
  const at = (name: string): string => join(home, name);
  for (const name of ["fixtures", "references", "disk", "cuts"]) mkdirSync(at(name));
  const fixtures = await makeFixtures(at("fixtures"));
  try {
    const references = makeReferences(fixtures, at("references"));
    const history = await record(options.fileSystem, at("disk"), fixtures);
    const outcomes = await cutAll({ history, references, directory: at("cuts") }, options);
    const count = (kind: string): number => history.events.filter((event) => event.kind === kind).length;
    return { writes: count("write"), flushes: count("flush"), marks: count("mark"), outcomes };
  } finally {
    await fixtures.close();
    await removeRun(home);
  }
}

async function record(fileSystem: FileSystem, directory: string, fixtures: Fixtures): Promise<DiskHistory> {
  return withLogDisk(directory, fileSystem, async ({ mountPoint, mark }) => {
    const root = join(mountPoint, STORE);
    await walkStore({ root, mark, environment: { ...ENVIRONMENT, IMGSTORE_ROOT: root } }, fixtures);
  });
}

interface Cutting {
  readonly history: DiskHistory;
  readonly references: References;
  readonly directory: string;
}

async function cutAll(cutting: Cutting, options: PowerCutOptions): Promise<CutOutcome[]> {
  const { cuts: count, seed, ignoredFlushes = 0, concurrency, onCut } = options;
  const cuts = choosePowerCuts(cutting.history.events, { count, seed, ignoredFlushes });
  const images = cutImages(cutting.history, cuts, cutting.directory);
  const outcomes: CutOutcome[] = [];
  const lane = async (): Promise<void> => {
    // taken one by one: `for await` in one lane would end the images for all when it throws
    for (let next = await images.next(); next.done !== true; next = await images.next()) {
      const outcome = await lookAt(cutting, next.value);
      outcomes.push(outcome);
      onCut?.(outcome);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, lane));
  return outcomes;
}

async function lookAt({ history, references }: Cutting, image: CutImage): Promise<CutOutcome> {
  const { at } = image.cut;
  const promises = promisesOf(history.events.slice(0, at));
  try {
    const findings = await withPowerBack(image, (mountPoint) => {
      const root = join(mountPoint, STORE);
      return goOn({ root, node: NODE, promises, references, environment: { ...ENVIRONMENT, IMGSTORE_ROOT: root } });
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
