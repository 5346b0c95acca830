import type { Database } from "../../adapters/libsql/database.ts";

/** A database, and how often it was asked. */
export interface CountingDatabase extends Database {
  readonly reads: number;
  readonly batches: number;
}

export function countCalls(database: Database): CountingDatabase {
  let [reads, batches] = [0, 0];
  return {
    get reads() {
      return reads;
    },
    get batches() {
      return batches;
    },
    read: (statements) => {
      reads += 1;
      return database.read(statements);
    },
    batch: (statements) => {
      batches += 1;
      return database.batch(statements);
    },
    close: () => database.close(),
  };
}
