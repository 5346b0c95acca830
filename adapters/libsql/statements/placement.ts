import type { Statement } from "../database.ts";
import { statement } from "../statement.ts";
import { NOW } from "./fragments.ts";

/**
 * SELECT and FROM of a placement with its image and its layers, bottom first, as a JSON array. A layer's facts are the
 * same in both forms; the native one is shown where both are known.
 */
export const SELECT_PLACEMENT: string = `
  SELECT placements.*, images.source, images.checksum, ${NOW} AS now_ms, (
    SELECT json_group_array(json_object(
      'digest', digest, 'diffId', diff_id, 'expectedDiffId', expected_diff_id, 'sizeBytes', size_bytes))
    FROM (
      SELECT listed.digest, listed.expected_diff_id, tree.diff_id, tree.size_bytes
      FROM placement_layers AS listed
      LEFT JOIN layers AS tree ON tree.node = placements.node AND tree.digest = listed.digest AND tree.form = (
        SELECT form FROM layers AS known
        WHERE known.node = placements.node AND known.digest = listed.digest
        ORDER BY diff_id IS NULL, form LIMIT 1)
      WHERE listed.placement_id = placements.id
      ORDER BY listed.position)
  ) AS layers
  FROM placements JOIN images ON images.id = placements.image_id`;

const BY_NAME = `${SELECT_PLACEMENT}
  WHERE placements.node = :node AND placements.name = :name`;

const BY_ID = `${SELECT_PLACEMENT}
  WHERE placements.id = :id`;

/** A node's placement of a name; no row or one. */
export function selectByName(node: string, name: string): Statement {
  return statement(BY_NAME, { node, name });
}

/** A placement by its id; no row or one. */
export function selectById(id: number): Statement {
  return statement(BY_ID, { id });
}
