import { readdirSync } from "node:fs";
import { join } from "node:path";
import Libsql from "libsql";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openFileDatabase } from "../../../adapters/libsql/file.ts";
import { type Migratable, migrate } from "../../../adapters/libsql/migrate.ts";
import { packageRoot } from "../../../adapters/package-files.ts";
import { type DatabaseDirectory, makeDatabaseDirectory } from "../../support/database-file.ts";
import { runWriters } from "../../support/row-writers.ts";

const NEWEST = readdirSync(`${packageRoot}migrations`).length;

describe("migrate", () => {
  let directory: DatabaseDirectory;
  let path: string;

  beforeEach(() => {
    directory = makeDatabaseDirectory();
    path = join(directory.path, "imgstore.db");
  });
  afterEach(() => directory.remove());

  const having = (sql: string): void => {
    const other = new Libsql(path);
    other.exec(sql);
    other.close();
  };

  it("installs once where 8 processes open a new file at once", async () => {
    const reports = await runWriters(path, 8, 0);
    expect(reports).toEqual(reports.map(() => ({ made: [] })));
    const database = await openFileDatabase(path);
    try {
      expect(await database.read([{ sql: "PRAGMA user_version", args: {} }])).toEqual([[{ user_version: NEWEST }]]);
      expect(await database.read([{ sql: "PRAGMA journal_mode", args: {} }])).toEqual([[{ journal_mode: "wal" }]]);
    } finally {
      await database.close();
    }
  }, 60_000);

  it("reads the version and nothing else where there is nothing to do", async () => {
    const calls: string[] = [];
    const uptodate: Migratable = {
      name: "x",
      readSchema: async () => {
        calls.push("readSchema");
        return { version: NEWEST, hasTables: true, hasPlacements: true };
      },
      install: async (version) => {
        calls.push(`install ${version}`);
      },
    };
    await migrate(uptodate);
    expect(calls).toEqual(["readSchema"]);
  });

  it("refuses a newer schema, naming both", async () => {
    await (await openFileDatabase(path)).close();
    having("PRAGMA user_version = 99");
    await expect(openFileDatabase(path)).rejects.toMatchObject({
      code: "NEWER_SCHEMA",
      message: expect.stringMatching(new RegExp(`99.*${NEWEST}`)),
      hint: expect.stringContaining("newer imgstore"),
    });
  });

  it.each(["PRAGMA user_version = 0", "PRAGMA user_version = 1"])(
    "refuses another program's database (%s) and leaves it alone",
    async (version) => {
      having(`CREATE TABLE theirs (a); ${version}`);
      await expect(openFileDatabase(path)).rejects.toMatchObject({ code: "NOT_A_DATABASE" });
      const theirs = new Libsql(path);
      expect(theirs.prepare("SELECT name FROM sqlite_schema").all([])).toEqual([{ name: "theirs" }]);
      theirs.close();
    },
  );
});
