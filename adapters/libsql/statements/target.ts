import type { SeenTarget, TargetChange } from "../../../core/ports/image-rows.ts";
import type { Statement } from "../database.ts";
import { statement } from "../statement.ts";
import { NOW, rests } from "./fragments.ts";
import { selectById } from "./placement.ts";

const IS_SOMETHING_NEW = `(target <> :target OR is_fresh_wanted < :is_fresh OR is_force_wanted < :is_forced
      OR mount_options <> coalesce(:mount_options, mount_options))`;

// A held row's due_at_ms is its lease and stays; its settle or release sees the new target. A person's word, also the
// same again, cuts a back-off short.
const CHANGE_TARGET = `
  UPDATE placements SET
    target = :target,
    generation = generation + ${IS_SOMETHING_NEW},
    target_op_id = CASE WHEN ${IS_SOMETHING_NEW} THEN :op_id ELSE target_op_id END,
    is_fresh_wanted = :target = 'ACTIVE' AND max(is_fresh_wanted, :is_fresh),
    is_force_wanted = :target <> 'ACTIVE' AND max(is_force_wanted, :is_forced),
    mount_options = coalesce(:mount_options, mount_options),
    due_at_ms = CASE
      WHEN lease_owner IS NOT NULL THEN due_at_ms
      WHEN ${rests("state", ":target")} THEN NULL
      ELSE ${NOW} END,
    waits_for = NULL,
    updated_at_ms = ${NOW}
  WHERE id = :id AND node = :node AND generation = :generation AND (state <> 'REMOVING' OR :target = 'REMOVED')
  RETURNING id`;

// Ours also when the reply to the first try was lost.
const VERDICT = `
  SELECT 1 AS is_ours FROM placements
  WHERE id = :id AND generation = :generation + 1 AND target_op_id = :op_id`;

const WAKE = `
  UPDATE placements SET due_at_ms = ${NOW}, waits_for = NULL
  WHERE id = :id AND node = :node AND lease_owner IS NULL AND due_at_ms > ${NOW}`;

/** A row of the first or second statement says that the change is made; the last is the placement. */
export function changeTarget(node: string, seen: SeenTarget, change: TargetChange): Statement[] {
  const args = {
    node,
    id: seen.id,
    generation: seen.generation,
    target: change.target,
    op_id: change.opId,
    is_fresh: change.isFresh === true && change.target === "ACTIVE" ? 1 : 0,
    mount_options: change.mountOptions?.join(",") ?? null,
    is_forced: change.isForced === true && change.target !== "ACTIVE" ? 1 : 0,
  };
  return [statement(CHANGE_TARGET, args), statement(VERDICT, args), selectById(seen.id)];
}

/** Makes a free row that waits due now. */
export function wakeRow(node: string, id: number): Statement {
  return statement(WAKE, { node, id });
}
