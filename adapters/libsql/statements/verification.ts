import type { LayerForm } from "../../../core/lifecycle/work.ts";
import type { Piece } from "../../../core/ports/damage-rows.ts";
import type { Statement } from "../database.ts";
import { statement } from "../statement.ts";
import { NOW } from "./fragments.ts";

// One seek each on the indexes by verification.
const NEXT = `
  SELECT * FROM (
    SELECT * FROM (
      SELECT digest, NULL AS form, NULL AS diff_id, size_bytes, verified_at_ms FROM blobs
      WHERE node = :node AND state = 'present' ORDER BY verified_at_ms LIMIT 1)
    UNION ALL
    SELECT * FROM (
      SELECT digest, form, diff_id, size_bytes, verified_at_ms FROM layers
      WHERE node = :node AND state = 'present' AND form = :form ORDER BY verified_at_ms LIMIT 1))
  WHERE verified_at_ms <= ${NOW} - :every_ms
    AND NOT EXISTS (SELECT 1 FROM scrubs WHERE node = :node AND due_at_ms > ${NOW})
  ORDER BY verified_at_ms LIMIT 1`;

export function nextToVerify(node: string, form: LayerForm, everyMs: number): Statement {
  return statement(NEXT, { node, form, every_ms: everyMs });
}

const NOTE_BLOB = `
  UPDATE blobs SET verified_at_ms = ${NOW} WHERE node = :node AND digest = :digest AND state = 'present'`;

// Two layers may be the same tree.
const NOTE_LAYER = `
  UPDATE layers SET verified_at_ms = ${NOW}
  WHERE node = :node AND diff_id = :diff_id AND form = :form AND state = 'present'`;

const REST = `
  INSERT INTO scrubs (node, due_at_ms) VALUES (:node, ${NOW} + :rest_ms)
  ON CONFLICT (node) DO UPDATE SET due_at_ms = excluded.due_at_ms`;

export function noteVerified(node: string, piece: Piece, restMs: number): Statement[] {
  const { digest } = piece;
  const note =
    piece.kind === "blob"
      ? statement(NOTE_BLOB, { node, digest })
      : statement(NOTE_LAYER, { node, diff_id: piece.diffId, form: piece.form });
  return restMs > 0 ? [note, statement(REST, { node, rest_ms: restMs })] : [note];
}
