import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Database } from "../../adapters/libsql/database.ts";
import { type FileOptions, openFileDatabase } from "../../adapters/libsql/file.ts";
import { createImageRows } from "../../adapters/libsql/image-rows.ts";
import { createWorkRows } from "../../adapters/libsql/work-rows.ts";
import type { OpenedRows } from "./rows.ts";

/** A directory of its own for database files. */
export interface DatabaseDirectory {
  readonly path: string;
  remove(): void;
}

export function makeDatabaseDirectory(): DatabaseDirectory {
  const path = mkdtempSync(join(tmpdir(), "imgstore-db-"));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** A fresh database file; closing removes it. */
export async function openFreshFile(options: FileOptions = {}): Promise<OpenedRows & { readonly database: Database }> {
  const directory = makeDatabaseDirectory();
  const database = await openFileDatabase(join(directory.path, "imgstore.db"), options);
  return {
    database,
    imagesOf: (node) => createImageRows(database, node),
    workOf: (node) => createWorkRows(database, node),
    close: async () => {
      await database.close();
      directory.remove();
    },
  };
}
