import type { Statement } from "../database.ts";
import { statement } from "../statement.ts";

const OF_ALL = `
  SELECT * FROM history WHERE name = :name AND node = :node ORDER BY seq`;

const OF_LATEST = `
  SELECT * FROM history
  WHERE name = :name AND node = :node AND placement_id = (
    SELECT placement_id FROM history WHERE name = :name AND node = :node ORDER BY seq DESC LIMIT 1)
  ORDER BY seq`;

/** A node's history of a name, of its latest incarnation or of all. */
export function selectHistory(node: string, name: string, scope: "latest" | "all"): Statement {
  return statement(scope === "all" ? OF_ALL : OF_LATEST, { node, name });
}
