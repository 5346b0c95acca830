import { GONE, ruleOf } from "../../../core/lifecycle/image.ts";
import type { Claim, Settlement } from "../../../core/ports/image-rows.ts";
import type { Statement } from "../database.ts";
import { type Args, statement } from "../statement.ts";
import { claimArgs, errorArgs } from "./claim-args.ts";
import { BEGIN_STATE, KEEP_REPAIR, NOW, rests } from "./fragments.ts";
import { freeHeldWork, WAKE_FOR_ROOM } from "./held-work.ts";
import { writeFacts } from "./settle-facts.ts";
import { IS_SETTLING, MAY_SETTLE } from "./settle-guard.ts";

/** An image that is to be repaired and was in use to the last attempt is asked for again after so many milliseconds. */
const REPAIR_AGAIN_MS = 3_600_000;

// The target is the row's own, as it is now. Wishes for the next mount are used up by the move that grants them, unless
// they came after the claim.
const SETTLE = `
  UPDATE placements SET
    state = :to_state, ${BEGIN_STATE}, ${KEEP_REPAIR},
    target = coalesce(:to_target, target),
    generation = generation + (:to_target IS NOT NULL AND :to_target <> target),
    due_at_ms = CASE
      WHEN ${rests(":to_state", "coalesce(:to_target, target)")} THEN NULL
      WHEN :move = 'keep-active' THEN ${NOW} + ${REPAIR_AGAIN_MS}
      ELSE ${NOW} END,
    priority = CASE WHEN ${rests(":to_state", "coalesce(:to_target, target)")} THEN 1 ELSE priority END,
    size_bytes = coalesce(:size_bytes, size_bytes),
    driver = coalesce(:driver, driver),
    boot_id = CASE WHEN :has_mount THEN :boot_id ELSE boot_id END,
    mount_ns = CASE WHEN :has_mount THEN :mount_ns ELSE mount_ns END,
    mount_id = CASE WHEN :has_mount THEN :mount_id ELSE mount_id END,
    device_id = CASE WHEN :has_mount THEN :device_id ELSE device_id END,
    is_fresh_wanted = is_fresh_wanted AND NOT (:move = 'finish-activate' AND generation = claimed_generation),
    is_force_wanted = is_force_wanted AND NOT (
      :move IN ('finish-deactivate', 'keep-active') AND generation = claimed_generation)
  WHERE ${MAY_SETTLE}`;

const DELETE_GONE = [
  `DELETE FROM placements WHERE id = :id AND state = 'REMOVED'`,
  `DELETE FROM images
  WHERE name = :name AND NOT EXISTS (SELECT 1 FROM placements WHERE placements.image_id = images.id)`,
];

/** Who reached the version after the claim's: the row of `op_id`, or none. */
const SELECT_VERDICT = `
  SELECT op_id FROM history
  WHERE placement_id = :id AND version = :version + 1 AND from_state IS NOT to_state`;

/**
 * The last statement's row is the verdict's. The facts and the work come first, guarded by the claim that the UPDATE
 * after them ends: they are written exactly when it is, and a repeat finds no claim and writes nothing.
 */
export function settleClaim(node: string, claim: Claim, settlement: Settlement): Statement[] {
  const args = settleArgs(node, claim, settlement);
  const isGone = ruleOf(settlement.move).to === GONE;
  return [
    ...writeFacts(args, settlement.facts),
    ...freeHeldWork(IS_SETTLING).map((sql) => statement(sql, args)),
    statement(SETTLE, args),
    ...(isGone ? [...DELETE_GONE, WAKE_FOR_ROOM].map((sql) => statement(sql, args)) : []),
    statement(SELECT_VERDICT, args),
  ];
}

function settleArgs(node: string, claim: Claim, settlement: Settlement): Args {
  const { facts, move } = settlement;
  return {
    ...claimArgs(node, claim),
    ...errorArgs(settlement.error),
    blobs: JSON.stringify(facts.blobs ?? []),
    move,
    op_id: settlement.opId,
    to_state: ruleOf(move).to,
    // Busy to the last attempt: the image stays, and so does the wish for it.
    to_target: move === "keep-active" ? "ACTIVE" : null,
    size_bytes: facts.sizeBytes ?? null,
    driver: facts.driver ?? null,
    has_mount: facts.mount === undefined ? 0 : 1,
    boot_id: facts.mount?.bootId ?? null,
    mount_ns: facts.mount?.mountNs ?? null,
    mount_id: facts.mount?.mountId ?? null,
    device_id: facts.mount?.deviceId ?? null,
  };
}
