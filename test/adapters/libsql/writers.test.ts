import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openFileDatabase } from "../../../adapters/libsql/file.ts";
import { createImageRows } from "../../../adapters/libsql/image-rows.ts";
import { type DatabaseDirectory, makeDatabaseDirectory } from "../../support/database-file.ts";
import { runWriters } from "../../support/row-writers.ts";

const WRITERS = 8;
const IMAGES = 25;

describe("a database file under 8 processes writing at once", () => {
  let directory: DatabaseDirectory;
  let path: string;

  beforeEach(() => {
    directory = makeDatabaseDirectory();
    path = join(directory.path, "imgstore.db");
  });
  afterEach(() => directory.remove());

  it("is migrated once, loses no acknowledged write, and makes every transition once", async () => {
    const reports = await runWriters(path, WRITERS, IMAGES);
    expect(reports.map(({ error }) => error)).toEqual(reports.map(() => undefined));

    const database = await openFileDatabase(path);
    try {
      const images = createImageRows(database, "here");
      const acknowledged = reports.flatMap(({ made }) => made.map(([name, state]) => `${name} ${state}`));
      expect(new Set(acknowledged).size).toBe(acknowledged.length);
      expect(acknowledged).toHaveLength(2 * (WRITERS * IMAGES + IMAGES));

      const { placements } = await images.list({ limit: 1000 });
      expect(placements).toHaveLength(WRITERS * IMAGES + IMAGES);
      const written: string[] = [];
      for (const { name } of placements) {
        const history = await images.history(name, "all");
        written.push(...history.slice(1).map(({ toState }) => `${name} ${toState}`));
      }
      expect(written.toSorted()).toEqual(acknowledged.toSorted());
      const [[check] = []] = await database.read([{ sql: "PRAGMA integrity_check", args: {} }]);
      expect(check).toEqual({ integrity_check: "ok" });
    } finally {
      await database.close();
    }
    // They checkpointed meanwhile: the log is not as long as all that was written.
    expect(existsSync(`${path}-checkpoint.lock`)).toBe(true);
    expect(statSync(path).size).toBeGreaterThan(65_536);
  }, 120_000);
});
