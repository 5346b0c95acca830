import type { Registration } from "../../../core/ports/image-rows.ts";
import type { Statement } from "../database.ts";
import { statement } from "../statement.ts";
import { NOW } from "./fragments.ts";
import { SELECT_PLACEMENT } from "./placement.ts";

const INSERT_IMAGE = `
  INSERT INTO images (name, source, checksum, created_at_ms)
  VALUES (:name, :source, :checksum, ${NOW})
  ON CONFLICT (name) DO NOTHING`;

// A name means one image on all nodes: this node joins it only where it means the same.
const INSERT_PLACEMENT = `
  INSERT INTO placements (image_id, node, name, state, target, move, op_id, worker, due_at_ms, mount_options,
    created_at_ms, updated_at_ms, state_since_ms)
  SELECT id, :node, name, 'NEW', :target, 'register', :op_id, :worker, ${NOW}, :mount_options, ${NOW}, ${NOW}, ${NOW}
  FROM images
  WHERE name = :name AND source = :source AND (checksum = :checksum OR checksum IS NULL OR :checksum IS NULL)
  ON CONFLICT (image_id, node) DO NOTHING`;

// By its history it is told from one that was there, also when the reply to the first try was lost.
const SELECT_REGISTERED = `
  SELECT placed.*, EXISTS (
    SELECT 1 FROM history
    WHERE placement_id = placed.id AND version = 0 AND from_state IS NOT to_state AND op_id = :op_id) AS is_new
  FROM (${SELECT_PLACEMENT} WHERE placements.name = :name) AS placed
  ORDER BY placed.node = :node DESC LIMIT 1`;

/** The last statement's row is the node's placement (or, where the name means another image, some node's), with `is_new`. */
export function registerImage(node: string, registration: Registration): Statement[] {
  const { mountOptions, opId, ...rest } = registration;
  const args = { ...rest, node, op_id: opId, mount_options: mountOptions.join(",") };
  return [statement(INSERT_IMAGE, args), statement(INSERT_PLACEMENT, args), statement(SELECT_REGISTERED, args)];
}
