import type { Statement } from "../database.ts";
import { statement } from "../statement.ts";

// Of the covering index alone: no row is looked at, however many rest in other states.
const SELECT_ACTIVE = `
  SELECT name, boot_id, mount_ns, mount_id FROM placements
  WHERE node = :node AND state = 'ACTIVE' ORDER BY name`;

/** Every mount that should be there. */
export function selectActiveMounts(node: string): Statement {
  return statement(SELECT_ACTIVE, { node });
}
