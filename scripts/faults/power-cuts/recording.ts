import { randomUUID } from "node:crypto";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync } from "node:fs";
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
  readonly database: DatabasePlace;
  /** An empty directory for whoever plays it. */
  readonly directory: string;
  /** Removes all of it, and what is mounted in it. What is fetched again is there until then. */
  readonly remove: () => Promise<void>;
}

/** Where the database lies: in the store, or on another disk, which keeps its power. */
export const DATABASE_PLACES = ["inside", "elsewhere"] as const;
export type DatabasePlace = (typeof DATABASE_PLACES)[number];

export interface WalkedStore {
  readonly fileSystem: FileSystem;
  readonly database: DatabasePlace;
}

export const NODE = "here";
const ENVIRONMENT = { IMGSTORE_NODE: NODE, IMGSTORE_LEASE_MS: "2000", IMGSTORE_BACKOFF_MAX_MS: "20" };

/**
 * Walks a store through its life once, on a disk that logs what it is told.
 * @param parent an existing directory, best on a tmpfs
 */
export async function recordWalk(parent: string, { fileSystem, database }: WalkedStore): Promise<Recording> {
  const home = mkdtempSync(join(parent, "power-cuts-"));
  const at = (name: string): string => join(home, name);
  for (const name of ["fixtures", "references", "disk", "cuts", "databases"]) mkdirSync(at(name));
  const fixtures = await makeFixtures(at("fixtures"));
  const remove = async (): Promise<void> => {
    await fixtures.close();
    await removeRun(home);
  };
  try {
    const storePath = "srv/store";
    const references = makeReferences(fixtures, at("references"));
    let moves: ReadonlySet<string> = new Set();
    const elsewhere = join(at("databases"), "database");
    const history = await withLogDisk(at("disk"), fileSystem, async ({ mountPoint, mark }) => {
      const root = join(mountPoint, storePath);
      const place = database === "inside" ? {} : { IMGSTORE_DB: `file:${elsewhere}` };
      const walked = { root, mark, environment: { ...ENVIRONMENT, ...place, IMGSTORE_ROOT: root } };
      moves = await walkStore({ ...walked, keepDatabase: () => copyAtRest(elsewhere) }, fixtures);
    });
    const recording = { history, moves, references, database, storePath, environment: ENVIRONMENT };
    return { ...recording, directory: at("cuts"), remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** Whoever closes a database last takes its log away: until then there is more of it than one file. */
function copyAtRest(database: string): string | null {
  if (!existsSync(database) || existsSync(`${database}-wal`)) return null;
  const copy = `${database}.${randomUUID()}`;
  copyFileSync(database, copy);
  return copy;
}
