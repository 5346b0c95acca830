import { readdirSync, readFileSync } from "node:fs";
import { ImgstoreError } from "../../core/errors.ts";
import { packageRoot } from "../package-files.ts";

/** A database as migrations see it. */
export interface Migratable {
  /** For messages. */
  readonly name: string;

  /** One cheap read of one snapshot. */
  readSchema(): Promise<Schema>;

  /**
   * Runs the script and sets the version to `version`, in one transaction that first takes the write lock and leaves
   * everything as it is where the version is not `version - 1` any more: somebody else was first.
   */
  install(version: number, script: string): Promise<void>;
}

export interface Schema {
  readonly version: number;
  readonly hasTables: boolean;
  readonly hasPlacements: boolean;
}

/** Reads a Schema: SQL for whoever implements `readSchema`. */
export const READ_SCHEMA = `
  SELECT user_version AS version,
    EXISTS (SELECT 1 FROM sqlite_schema) AS has_tables,
    EXISTS (SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'placements') AS has_placements
  FROM pragma_user_version`;

const DIRECTORY = `${packageRoot}migrations/`;

/**
 * Brings a database to this code's schema; one cheap read where it is there already. Safe when many processes do it at
 * once, and beside older ones that use the database: each of their transactions looks for a newer schema first (see
 * `refuseNewer`). Migrations are numbered from 1 without gaps; one that has shipped is never changed.
 * @returns the schema's version: the newest that this code knows
 * @throws {ImgstoreError} NEWER_SCHEMA, NOT_A_DATABASE (another program's)
 */
export async function migrate(database: Migratable): Promise<number> {
  const files = readdirSync(DIRECTORY)
    .filter((file) => file.endsWith(".sql"))
    .toSorted();
  const schema = await database.readSchema();
  refuseOthers(database.name, schema, files.length);
  for (const [index, file] of files.entries()) {
    const version = index + 1;
    if (Number.parseInt(file, 10) !== version) throw new Error(`migration ${version} is missing: found ${file}`);
    if (version > schema.version) await database.install(version, readFileSync(`${DIRECTORY}${file}`, "utf8"));
  }
  return files.length;
}

/**
 * Keeps this code from a schema that it does not know: what a newer one means by a row cannot be guessed.
 * @param found the database's version, read in the transaction that is about to use it
 * @param known what `migrate` returned
 * @throws {ImgstoreError} NEWER_SCHEMA
 */
export function refuseNewer(name: string, found: number, known: number): void {
  if (found <= known) return;
  throw new ImgstoreError(
    "NEWER_SCHEMA",
    `the database "${name}" has schema ${found}, and this imgstore knows no newer one than ${known}`,
    { hint: "a newer imgstore has migrated it: install that version here, too" },
  );
}

function refuseOthers(name: string, schema: Schema, newest: number): void {
  const isOurs = schema.version === 0 ? !schema.hasTables : schema.hasPlacements;
  if (!isOurs) {
    throw new ImgstoreError("NOT_A_DATABASE", `"${name}" is a database of another program`, {
      hint: "name another one with --db or IMGSTORE_DB",
    });
  }
  refuseNewer(name, schema.version, newest);
}
