import type { Statement } from "../database.ts";
import { statement } from "../statement.ts";
import { isLive } from "./fragments.ts";

const BLOBS = "SELECT * FROM blobs WHERE node = :node ORDER BY digest";

const LAYERS = "SELECT * FROM layers WHERE node = :node ORDER BY digest, form";

const LIVE_CLAIMS = `
  SELECT id, fence FROM placements
  WHERE node = :node AND due_at_ms IS NOT NULL AND ${isLive("placements")} ORDER BY id`;

/** A node's blobs, layers and live claims, from one snapshot. */
export function inventory(node: string): Statement[] {
  return [BLOBS, LAYERS, LIVE_CLAIMS].map((sql) => statement(sql, { node }));
}
