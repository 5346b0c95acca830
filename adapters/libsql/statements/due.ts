import type { Statement } from "../database.ts";
import { statement } from "../statement.ts";
import { NOW } from "./fragments.ts";

/** All priorities there are, sooner first; the table's CHECK. */
const PRIORITIES = [0, 1, 2] as const;

const seekDue = (priority: number): string => `
  SELECT * FROM (
    SELECT id, name, state, target, lease_owner, due_at_ms FROM placements
    WHERE node = :node AND priority = ${priority} AND due_at_ms <= ${NOW}
    ORDER BY due_at_ms LIMIT :limit)`;

// Each seek is in order already, so the union is, and LIMIT stops at the first rows: nothing is sorted, none scanned.
const DUE_BY_PRIORITY = `${PRIORITIES.map(seekDue).join("\n  UNION ALL")}
  LIMIT :limit`;

const OLDEST_DUE = `
  SELECT * FROM (${PRIORITIES.map(seekDue).join("\n  UNION ALL")})
  ORDER BY due_at_ms LIMIT :limit`;

const seekNext = (priority: number): string => `
  SELECT min(due_at_ms) AS at FROM placements
  WHERE node = :node AND priority = ${priority} AND due_at_ms > ${NOW}`;

const NEXT_DUE = `
  SELECT min(at) AS next_due_at_ms, ${NOW} AS now_ms
  FROM (${PRIORITIES.map(seekNext).join("\n  UNION ALL")})`;

/**
 * When the next row will be due, the due rows by priority, and the oldest of all. In this order, as each statement has a
 * time of its own: a row that becomes due between them is then told of twice, and never overlooked.
 */
export function seekDueRows(node: string, limit: number, oldest: number): Statement[] {
  return [
    statement(NEXT_DUE, { node }),
    statement(DUE_BY_PRIORITY, { node, limit }),
    statement(OLDEST_DUE, { node, limit: oldest }),
  ];
}
