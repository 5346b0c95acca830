import type { Database } from "../../adapters/libsql/database.ts";

/** Rows written in one transaction. */
const CHUNK = 50_000;

const NOW = "CAST(unixepoch('subsec') * 1000 AS INTEGER)";

const COUNT = "SELECT count(*) AS n FROM placements WHERE state = 'STORED'";

// Rows that rest are written as such: walking a million of them there would take hours. The guard is put back at once.
const READ_GUARD = "SELECT sql FROM sqlite_master WHERE name = 'placements_guard_insert'";

const ADD_IMAGES = `
  WITH RECURSIVE numbers (n) AS (SELECT :first UNION ALL SELECT n + 1 FROM numbers WHERE n < :last)
  INSERT INTO images (name, source, checksum, created_at_ms)
  SELECT :kind || '-' || n, '/nowhere/' || n || '.tar', NULL, ${NOW} FROM numbers`;

const ADD_PLACEMENTS = `
  INSERT INTO placements (image_id, node, name, state, target, move, op_id, worker, due_at_ms, mount_options,
    created_at_ms, updated_at_ms)
  SELECT id, :node, name, :state, 'STORED', 'register', 'bench', 'bench', CASE WHEN :state = 'NEW' THEN ${NOW} END,
    'nodev,nosuid', ${NOW}, ${NOW}
  FROM images WHERE id NOT IN (SELECT image_id FROM placements)
  RETURNING id`;

/** Adds images that rest in STORED until there are so many. */
export async function addSettled(database: Database, node: string, count: number): Promise<void> {
  const [[guard] = []] = await database.read([{ sql: READ_GUARD, args: {} }]);
  const [[found] = []] = await database.read([{ sql: COUNT, args: {} }]);
  for (let first = Number(found?.["n"]); first < count; first += CHUNK) {
    await database.batch([
      { sql: "DROP TRIGGER placements_guard_insert", args: {} },
      { sql: ADD_IMAGES, args: { kind: "settled", first, last: Math.min(count, first + CHUNK) - 1 } },
      { sql: ADD_PLACEMENTS, args: { node, state: "STORED" } },
      { sql: String(guard?.["sql"]), args: {} },
    ]);
  }
}

let added = 0;

/** Adds images whose first move, one without work, is due; returns the ids of their rows. */
export async function addDue(database: Database, node: string, count: number): Promise<number[]> {
  const first = added;
  added += count;
  const [, rows = []] = await database.batch([
    { sql: ADD_IMAGES, args: { kind: "due", first, last: added - 1 } },
    { sql: ADD_PLACEMENTS, args: { node, state: "NEW" } },
  ]);
  return rows.map(({ id }) => Number(id));
}

/** One committed compare-and-swap for each row, with nothing else. */
export async function casUpdates(database: Database, ids: readonly number[]): Promise<void> {
  const sql =
    "UPDATE placements SET op_id = :op_id WHERE id = :id AND state = 'DOWNLOADING' AND version = 1 RETURNING id";
  for (const id of ids) {
    const [rows = []] = await database.batch([{ sql, args: { id, op_id: `raw-${id}` } }]);
    if (rows.length !== 1) throw new Error(`row ${id} was not as it should be`);
  }
}

/** So that the next sweep finds nothing to do. */
export async function putToRest(database: Database, ids: readonly number[]): Promise<void> {
  const sql = "UPDATE placements SET due_at_ms = NULL WHERE id IN (SELECT value FROM json_each(:ids))";
  await database.batch([{ sql, args: { ids: JSON.stringify(ids) } }]);
}
