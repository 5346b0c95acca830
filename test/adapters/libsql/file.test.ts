import { execFileSync } from "node:child_process";
import { closeSync, existsSync, mkdirSync, openSync, rmdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import Libsql from "libsql";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Database, Statement } from "../../../adapters/libsql/database.ts";
import { type FileOptions, openFileDatabase } from "../../../adapters/libsql/file.ts";
import { tryLockExclusive } from "../../../adapters/linux/flock.ts";
import { type DatabaseDirectory, makeDatabaseDirectory } from "../../support/database-file.ts";
import { mountSmallDisk } from "../../support/small-disk.ts";

const insert = (name: string): Statement => ({
  sql: "INSERT INTO images (name, source, created_at_ms) VALUES (:name, 'x', 0) RETURNING name",
  args: { name },
});
const COUNT: Statement = { sql: "SELECT count(*) AS n FROM images", args: {} };

describe("openFileDatabase", () => {
  let directory: DatabaseDirectory;
  let path: string;
  const opened: Database[] = [];

  const open = async (options?: FileOptions): Promise<Database> => {
    const database = await openFileDatabase(path, options);
    opened.push(database);
    return database;
  };

  beforeEach(() => {
    directory = makeDatabaseDirectory();
    path = join(directory.path, "imgstore.db");
  });
  afterEach(async () => {
    for (const database of opened.splice(0)) await database.close();
    directory.remove();
  });

  it("sets what durability and the bundled SQLite ask for", async () => {
    const database = await open();
    const read = async (pragma: string): Promise<unknown> =>
      (await database.read([{ sql: `PRAGMA ${pragma}`, args: {} }])).flat().flatMap((row) => Object.values(row))[0];
    expect({
      journal: await read("journal_mode"),
      synchronous: await read("synchronous"),
      checkpoints: await read("wal_autocheckpoint"),
      mapped: await read("mmap_size"),
      foreignKeys: await read("foreign_keys"),
      timeout: await read("busy_timeout"),
    }).toEqual({ journal: "wal", synchronous: 2, checkpoints: 0, mapped: 0, foreignKeys: 1, timeout: 20 });
  });

  it("batch is all or nothing", async () => {
    const database = await open();
    await expect(database.batch([insert("a"), insert("b"), insert("a")])).rejects.toThrow("UNIQUE");
    expect(await database.read([COUNT])).toEqual([[{ n: 0 }]]);
    expect(await database.batch([insert("a"), insert("b")])).toEqual([[{ name: "a" }], [{ name: "b" }]]);
  });

  it("read sees one snapshot, and what others committed before", async () => {
    const database = await open();
    const other = await open();
    await other.batch([insert("a")]);
    expect(await database.read([COUNT, COUNT])).toEqual([[{ n: 1 }], [{ n: 1 }]]);
    expect(await database.read([])).toEqual([]);
  });

  it("gives up with DATABASE_BUSY at its deadline, nothing applied, and the thread free meanwhile", async () => {
    const database = await open({ busyDeadlineMs: 100 });
    const blocker = new Libsql(path);
    let turns = 0;
    const ticker = setInterval(() => {
      turns += 1;
    }, 1);
    try {
      blocker.exec("BEGIN IMMEDIATE");
      await expect(database.batch([insert("a")])).rejects.toMatchObject({ code: "DATABASE_BUSY" });
      expect(turns).toBeGreaterThan(0);
      expect(await database.read([COUNT])).toEqual([[{ n: 0 }]]);
      blocker.exec("ROLLBACK");
    } finally {
      clearInterval(ticker);
      blocker.close();
    }
  });

  it("goes on as soon as the lock is free, and what it then acknowledges is committed", async () => {
    const database = await open();
    const blocker = new Libsql(path);
    try {
      blocker.exec("BEGIN IMMEDIATE");
      const written = database.batch([insert("a")]);
      blocker.exec("COMMIT");
      expect(await written).toEqual([[{ name: "a" }]]);
      for (const name of ["b", "c"]) {
        blocker.exec("BEGIN IMMEDIATE");
        const late = database.batch([insert(name)]);
        await new Promise((resolve) => setTimeout(resolve));
        blocker.exec("COMMIT");
        await late;
      }
      // Seen through another connection: acknowledged is not only seen by oneself.
      expect(blocker.prepare("SELECT count(*) AS n FROM images").all([])).toEqual([{ n: 3 }]);
    } finally {
      blocker.close();
    }
  });

  it.each([
    [
      "text",
      (at: string) => writeFileSync(at, "no database, but longer than a header of one\n".repeat(50)),
      "NOT_A_DATABASE",
    ],
    ["short text", (at: string) => writeFileSync(at, "hello"), "NOT_A_DATABASE"],
    ["a directory", (at: string) => mkdirSync(at), "ROOT_NOT_WRITABLE"],
  ] as const)("refuses %s in its place, with a hint", async (_what, put, code) => {
    put(path);
    await expect(open()).rejects.toMatchObject({ code, message: expect.stringContaining(path) });
    await expect(open()).rejects.toHaveProperty("hint", expect.stringMatching(/\w/));
  });

  it("refuses a directory that is not there", async () => {
    path = join(directory.path, "none", "imgstore.db");
    await expect(open()).rejects.toMatchObject({ code: "ROOT_NOT_WRITABLE" });
    expect(existsSync(join(directory.path, "none"))).toBe(false);
  });

  it("says NO_SPACE on a full disk, applies nothing, and goes on when there is space", async () => {
    const disk = mountSmallDisk(2 ** 20);
    const ballast = join(disk.path, "ballast");
    path = join(disk.path, "imgstore.db");
    try {
      const database = await openFileDatabase(path);
      try {
        fill(ballast);
        await expect(database.batch([insert("a".repeat(100_000))])).rejects.toMatchObject({ code: "NO_SPACE" });
        writeFileSync(ballast, "");
        expect(await database.read([COUNT])).toEqual([[{ n: 0 }]]);
        await database.batch([insert("a")]);
        expect(await database.read([COUNT])).toEqual([[{ n: 1 }]]);
      } finally {
        await database.close();
      }
    } finally {
      // Lazily: the native library closes its file when the last statement is collected.
      execFileSync("umount", ["--lazy", disk.path]);
      rmdirSync(disk.path);
    }
  });

  it("moves a long log into the database, unless another process is at it", async () => {
    const database = await open({ checkpointBytes: 50_000 });
    const logBytes = (): number => statSync(`${path}-wal`).size;
    const lock = openSync(`${path}-checkpoint.lock`, "a");
    try {
      expect(tryLockExclusive(lock)).toBe(true);
      for (let i = 0; i < 30; i += 1) await database.batch([insert(`${i}-${"x".repeat(5000)}`)]);
      await turnsUntil(() => logBytes() > 100_000);
    } finally {
      closeSync(lock);
    }
    let more = 0;
    await turnsUntil(async () => {
      more += 1;
      await database.batch([insert(`more-${more}-${"x".repeat(5000)}`)]);
      return logBytes() < 50_000;
    });
    expect(await database.read([COUNT])).toEqual([[{ n: 30 + more }]]);
  });
});

/** Fills a file system to its last byte. */
function fill(path: string): void {
  for (let sizeBytes = 2 ** 18; sizeBytes >= 1; sizeBytes /= 4) {
    for (;;) {
      try {
        writeFileSync(path, Buffer.alloc(sizeBytes), { flag: "a" });
      } catch (error) {
        if (error instanceof Error && "code" in error && error.code === "ENOSPC") break;
        throw error;
      }
    }
  }
}

async function turnsUntil(isReached: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isReached())) await new Promise((resolve) => setTimeout(resolve));
}
