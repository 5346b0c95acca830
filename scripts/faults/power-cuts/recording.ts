import { mkdirSync, mkdtempSync } from "node:fs";
import { join } from "node:path";
import { removeRun } from "../crash/crash-matrix.ts";
import { makeFixtures } from "../crash/fixtures.ts";
import type { FileSystem } from "./file-systems.ts";
import { type DiskHistory, withLogDisk } from "./log-disk.ts";
import { makeReferences, type References } from "./references.ts";
import { walkStore } from "./walk-store.ts";

/** A store's life as its disk saw it. */
export interface Recording {
  readonly history: DiskHistory;
  /** The moves that were made. */
  readonly moves: ReadonlySet<string>;
  readonly references: References;
  /** Of the store, below the file system's root. */
  readonly storePath: string;
  /** What the commands ran with, beside the root. */
  readonly environment: Readonly<Record<string, string>>;
  /** An empty directory for whoever plays it. */
  readonly directory: string;
  /** Removes all of it, and what is mounted in it. What is fetched again is there until then. */
  readonly remove: () => Promise<void>;
}

export const NODE = "here";
const ENVIRONMENT = { IMGSTORE_NODE: NODE, IMGSTORE_LEASE_MS: "2000", IMGSTORE_BACKOFF_MAX_MS: "20" };

/**
 * Walks a store through its life once, on a disk that logs what it is told.
 * @param parent an existing directory, best on a tmpfs
 */
export async function recordWalk(parent: string, fileSystem: FileSystem): Promise<Recording> {
  const home = mkdtempSync(join(parent, "power-cuts-"));
  const at = (name: string): string => join(home, name);
  for (const name of ["fixtures", "references", "disk", "cuts"]) mkdirSync(at(name));
  const fixtures = await makeFixtures(at("fixtures"));
  const remove = async (): Promise<void> => {
    await fixtures.close();
    await removeRun(home);
  };
  try {
    const storePath = "srv/store";
    const references = makeReferences(fixtures, at("references"));
    let moves: ReadonlySet<string> = new Set();
    const history = await withLogDisk(at("disk"), fileSystem, async ({ mountPoint, mark }) => {
      const root = join(mountPoint, storePath);
      moves = await walkStore({ root, mark, environment: { ...ENVIRONMENT, IMGSTORE_ROOT: root } }, fixtures);
    });
    return { history, moves, references, storePath, environment: ENVIRONMENT, directory: at("cuts"), remove };
  } catch (error) {
    await remove();
    throw error;
  }
}
