import type { Digest } from "../../../core/digests.ts";
import type { RecordedError } from "../../../core/errors.ts";
import { REPAIR_MOVES } from "../../../core/lifecycle/next-move.ts";
import type { LayerForm } from "../../../core/lifecycle/work.ts";
import type { Statement } from "../database.ts";
import { statement } from "../statement.ts";
import { errorArgs } from "./claim-args.ts";
import { NOW } from "./fragments.ts";

const DIFF_ID = "(SELECT diff_id FROM layers WHERE node = :node AND digest = :digest AND form = :form)";

// A held row's due_at_ms is its lease and stays; its settle or release finds the wish.
const WANT_REPAIR = `
  UPDATE placements SET
    is_repair_wanted = 1, priority = 2,
    error_code = :error_code, error_message = :error_message, error_hint = :error_hint, error_op_id = NULL,
    due_at_ms = CASE WHEN lease_owner IS NULL THEN ${NOW} ELSE due_at_ms END,
    waits_for = NULL, updated_at_ms = ${NOW}
  WHERE node = :node AND is_repair_wanted = 0`;

/** States in which an image relies on its layers' trees: before them it has them unpacked, or finds them again. */
const RELYING = [...Object.keys(REPAIR_MOVES), "DEACTIVATING"].map((state) => `'${state}'`).join(", ");

// Every image with a layer that is the same tree.
const WANT_REPAIR_OF_USERS = `${WANT_REPAIR} AND state IN (${RELYING}) AND id IN (
    SELECT placement_id FROM placement_layers WHERE digest IN (
      SELECT digest FROM layers WHERE node = :node AND form = :form AND diff_id = ${DIFF_ID}))
    AND EXISTS (SELECT 1 FROM layers WHERE node = :node AND form = :form AND state = 'present' AND diff_id = ${DIFF_ID})`;

// Every row that speaks of the same tree.
const DAMAGE_LAYER = `
  UPDATE layers SET state = 'damaged'
  WHERE node = :node AND form = :form AND state = 'present' AND diff_id = ${DIFF_ID}
  RETURNING digest`;

/** Rows of the last statement: the layers that are damaged by this word. The images come first, by what the rows say yet. */
export function damageLayer(node: string, digest: Digest, form: LayerForm, reason: RecordedError): Statement[] {
  const args = { node, digest, form, ...errorArgs(reason) };
  return [statement(WANT_REPAIR_OF_USERS, args), statement(DAMAGE_LAYER, args)];
}

const DAMAGE_BLOB = `
  UPDATE blobs SET state = 'damaged' WHERE node = :node AND digest = :digest AND state = 'present'
  RETURNING digest`;

/** A row: it is damaged by this word. */
export function damageBlob(node: string, digest: Digest): Statement {
  return statement(DAMAGE_BLOB, { node, digest });
}

// Whose trees are mounted keeps them: nothing is wrong with those.
const WANT_FETCH_OF_USERS = `${WANT_REPAIR} AND state = 'STORED' AND (
    id IN (SELECT placement_id FROM placement_layers WHERE digest = :digest)
    OR image_id IN (SELECT id FROM images WHERE checksum = :digest))`;

/** Has the images that are STORED, and that a blob is kept for, fetched again. */
export function fetchAgain(node: string, digest: Digest, reason: RecordedError): Statement {
  return statement(WANT_FETCH_OF_USERS, { node, digest, ...errorArgs(reason) });
}

const IS_RELIED_ON = `
  SELECT 1 AS is_relied_on FROM layers
  JOIN placement_layers AS listed ON listed.digest = layers.digest
  JOIN placements AS user ON user.id = listed.placement_id
  WHERE layers.node = :node AND layers.diff_id = :diff_id AND user.node = :node AND user.is_repair_wanted LIMIT 1`;

/** A row: an image that is still to be repaired may have mounted the tree that another has taken the place of. */
export function isReplacedTreeUsed(node: string, diffId: Digest): Statement {
  return statement(IS_RELIED_ON, { node, diff_id: diffId });
}
