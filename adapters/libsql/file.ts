import { dirname } from "node:path";
import Libsql from "libsql";
import { retryWhileBusy } from "./busy.ts";
import { Checkpointer } from "./checkpoint.ts";
import type { Database, Row, Statement } from "./database.ts";
import { copiesOnWrite, isDiskFull } from "./disk-room.ts";
import { isNoSpace, noSpace, translated } from "./file-errors.ts";
import { migrate, READ_SCHEMA, refuseNewer } from "./migrate.ts";
import { flag, integer, isRow } from "./row-values.ts";

export interface FileOptions {
  /** How long to try while others hold the lock, in milliseconds; default 10 s. */
  readonly busyDeadlineMs?: number;
  /** How long the write-ahead log may grow before it is moved into the database, in bytes; default 4 MiB. */
  readonly checkpointBytes?: number;
  /** Makes room on a full disk, where it can: whether a write that found none is worth another try. */
  readonly makeRoom?: () => boolean;
}

/**
 * Opens the embedded database, made and migrated where it is not. One connection for the process.
 * Import this module only where a database file is wanted: it loads the native library.
 * @throws {ImgstoreError} NOT_A_DATABASE, NEWER_SCHEMA, ROOT_NOT_WRITABLE, NO_SPACE, IO_ERROR, DATABASE_BUSY
 */
export async function openFileDatabase(path: string, options: FileOptions = {}): Promise<Database> {
  // Opening makes the write-ahead log and its index.
  return makingRoom(options.makeRoom, () => open(path, options));
}

/** The result of an attempt that leaves nothing behind where it fails: on a full disk it is made again with what was kept. */
async function makingRoom<T>(makeRoom: FileOptions["makeRoom"], attempt: () => Promise<T>): Promise<T> {
  try {
    return await attempt();
  } catch (error) {
    if (isNoSpace(error) && makeRoom?.() === true) return attempt();
    throw error;
  }
}

async function open(path: string, options: FileOptions): Promise<Database> {
  const database = new FileDatabase(path, options);
  await database.open();
  return database;
}

// The time-out comes first: the others may have to wait. Durable at every commit (synchronous FULL). The log is checkpointed
// by one process at a time (see Checkpointer), and no page is read through a mapping that another process may truncate.
const CONFIGURE = `
  PRAGMA busy_timeout = 20;
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = FULL;
  PRAGMA wal_autocheckpoint = 0;
  PRAGMA mmap_size = 0;
  PRAGMA foreign_keys = ON;`;

type Prepared = ReturnType<Libsql.Database["prepare"]>;

class FileDatabase implements Database {
  readonly #path: string;
  readonly #busyDeadlineMs: number;
  readonly #connection: Libsql.Database;
  readonly #prepared = new Map<string, Prepared>();
  readonly #checkpointer: Checkpointer;
  readonly #makeRoom: FileOptions["makeRoom"];
  readonly #copiesOnWrite: boolean;
  /** The schema that this code knows; infinite until it is there. */
  #knownSchema = Number.POSITIVE_INFINITY;

  constructor(path: string, options: FileOptions) {
    this.#path = path;
    this.#makeRoom = options.makeRoom;
    this.#copiesOnWrite = copiesOnWrite(dirname(path));
    this.#busyDeadlineMs = options.busyDeadlineMs ?? 10_000;
    this.#checkpointer = new Checkpointer(path, options.checkpointBytes ?? 4 * 2 ** 20, () => this.#checkpoint());
    this.#connection = this.#translating(() => new Libsql(path));
  }

  async open(): Promise<void> {
    try {
      await this.#whenFree(() => {
        this.#refuseFull();
        this.#connection.exec(CONFIGURE);
      });
      this.#knownSchema = await migrate({
        name: this.#path,
        readSchema: async () => {
          const [[row] = []] = await this.read([{ sql: READ_SCHEMA, args: {} }]);
          if (row === undefined) throw new Error("the database did not tell its schema");
          return {
            version: integer(row, "version"),
            hasTables: flag(row, "has_tables"),
            hasPlacements: flag(row, "has_placements"),
          };
        },
        install: async (version, script) => {
          await this.#whenFree(() => this.#install(version, script));
        },
      });
    } catch (error) {
      this.#connection.close();
      throw error;
    }
  }

  async read(statements: readonly Statement[]): Promise<Row[][]> {
    const [only, ...others] = statements;
    if (only === undefined) return [];
    // One statement is its own snapshot; for more, the transaction's first read takes it.
    return this.#whenThereIsRoom(() => {
      if (others.length > 0) return this.#inTransaction("BEGIN", () => this.#all(statements));
      this.#refuseNewer();
      return [this.#rows(only)];
    });
  }

  async batch(statements: readonly Statement[]): Promise<Row[][]> {
    // IMMEDIATE: a transaction that begins to read and then writes can fail in its middle, and waiting would not help it.
    const results = await this.#whenThereIsRoom(() =>
      this.#inTransaction("BEGIN IMMEDIATE", () => this.#all(statements)),
    );
    this.#checkpointer.afterCommit();
    return results;
  }

  async close(): Promise<void> {
    await this.#checkpointer.settled();
    this.#prepared.clear();
    this.#connection.close();
  }

  /** What is kept in reserve is for this: a full disk is left by writing. */
  #whenThereIsRoom<T>(attempt: () => T): Promise<T> {
    return makingRoom(this.#makeRoom, () => {
      return this.#whenFree(() => {
        this.#refuseFull();
        return attempt();
      });
    });
  }

  /** Also before it reads: a reader writes into the index of the log that it reads. */
  #refuseFull(): void {
    if (this.#copiesOnWrite && isDiskFull(dirname(this.#path))) throw noSpace(undefined, this.#path);
  }

  #whenFree<T>(attempt: () => T): Promise<T> {
    return retryWhileBusy(attempt, this.#path, this.#busyDeadlineMs).catch((error: unknown) => {
      throw translated(error, this.#path);
    });
  }

  #translating<T>(attempt: () => T): T {
    try {
      return attempt();
    } catch (error) {
      throw translated(error, this.#path);
    }
  }

  #inTransaction<T>(begin: "BEGIN" | "BEGIN IMMEDIATE", work: () => T): T {
    this.#connection.exec(begin);
    try {
      const result = work();
      this.#connection.exec("COMMIT");
      return result;
    } catch (error) {
      // Some failures (a full disk) have rolled back by themselves.
      if (this.#connection.inTransaction) this.#connection.exec("ROLLBACK");
      throw error;
    }
  }

  #all(statements: readonly Statement[]): Row[][] {
    this.#refuseNewer();
    return statements.map((each) => this.#rows(each));
  }

  /** A newer version may have migrated the database since it was opened, while this process was at work. */
  #refuseNewer(): void {
    const [row] = this.#rows({ sql: "PRAGMA user_version", args: {} });
    if (row !== undefined) refuseNewer(this.#path, integer(row, "user_version"), this.#knownSchema);
  }

  /** Always to the last row, by `all`: `run` does not commit, and a statement left in its middle keeps its snapshot. */
  #rows({ sql, args }: Statement): Row[] {
    let prepared = this.#prepared.get(sql);
    if (prepared === undefined) {
      prepared = this.#connection.prepare(sql);
      this.#prepared.set(sql, prepared);
    }
    return prepared.all(args).filter(isRow);
  }

  #install(version: number, script: string): void {
    this.#inTransaction("BEGIN IMMEDIATE", () => {
      const [schema] = this.#rows({ sql: READ_SCHEMA, args: {} });
      if (schema === undefined || integer(schema, "version") !== version - 1) return;
      this.#connection.exec(script);
      this.#connection.exec(`PRAGMA user_version = ${version}`);
    });
  }

  #checkpoint(): boolean {
    this.#refuseFull();
    const [row] = this.#rows({ sql: "PRAGMA wal_checkpoint(TRUNCATE)", args: {} });
    return row !== undefined && !flag(row, "busy");
  }
}
