import type { Claim, Release } from "../../../core/ports/image-rows.ts";
import type { Statement } from "../database.ts";
import { type Args, statement } from "../statement.ts";
import { claimArgs, errorArgs, progressArgs } from "./claim-args.ts";
import { IS_CLAIMED_BY_US, IS_OUR_CLAIM, isHeldBy, NOW } from "./fragments.ts";
import { freeHeldWork } from "./held-work.ts";

// Whether what the row waits for is still to come: otherwise its wake-up was between the look at it and this statement.
const IS_STILL_MADE = `(
    EXISTS (SELECT 1 FROM blobs
      WHERE node = :node AND digest = :waits_digest AND :waits_form IS NULL
        AND (state = 'removing' OR (state = 'working' AND ${isHeldBy("blobs")})))
    OR EXISTS (SELECT 1 FROM layers
      WHERE node = :node AND digest = :waits_digest AND form = :waits_form
        AND (state = 'removing' OR (state = 'working' AND ${isHeldBy("layers")}))))`;

// An attempt that does not count is taken back; one that recorded new bytes takes those before it back as well. A target
// that changed while the row was held may ask for another move: that is not to wait for this one's back-off.
const RELEASE = `
  UPDATE placements SET
    fence = fence + 1, op_id = :op_id,
    lease_owner = NULL, claimed_at_ms = NULL, claimed_generation = NULL, reserved_bytes = 0, reserved_inodes = 0,
    attempt = CASE WHEN :done_bytes > most_bytes THEN 0 WHEN :is_counted THEN attempt ELSE attempt - 1 END,
    due_at_ms = CASE
      WHEN generation <> claimed_generation THEN ${NOW}
      WHEN :waits_for IS NOT NULL AND NOT ${IS_STILL_MADE} THEN ${NOW}
      ELSE ${NOW} + :delay_ms END,
    waits_for = CASE WHEN generation = claimed_generation AND ${IS_STILL_MADE} THEN :waits_for END,
    error_code = CASE WHEN :error_code IS NULL THEN error_code ELSE :error_code END,
    error_message = CASE WHEN :error_code IS NULL THEN error_message ELSE :error_message END,
    error_hint = CASE WHEN :error_code IS NULL THEN error_hint ELSE :error_hint END,
    error_op_id = CASE WHEN :error_code IS NULL THEN error_op_id ELSE :op_id END,
    most_bytes = max(most_bytes, coalesce(:done_bytes, 0)),
    done_bytes = coalesce(:done_bytes, done_bytes),
    total_bytes = CASE WHEN :done_bytes IS NULL THEN total_bytes ELSE :total_bytes END,
    updated_at_ms = ${NOW}
  WHERE ${IS_CLAIMED_BY_US}`;

/** How the claim ended without a move, and who reached the version after it. */
const SELECT_VERDICT = `
  SELECT
    (SELECT op_id FROM history
      WHERE placement_id = :id AND fence = :fence AND from_state IS to_state) AS ended_by,
    EXISTS (SELECT 1 FROM history
      WHERE placement_id = :id AND version = :version + 1 AND from_state IS NOT to_state) AS has_moved`;

/** The last statement's row is the verdict's. */
export function releaseClaim(node: string, claim: Claim, plan: Release): Statement[] {
  const args: Args = {
    ...claimArgs(node, claim),
    ...errorArgs(plan.error),
    ...progressArgs(plan.progress ?? null),
    ...waitsForArgs(plan.waitsFor),
    op_id: plan.opId,
    delay_ms: plan.delayMs,
    is_counted: plan.isCounted ? 1 : 0,
  };
  return [
    ...freeHeldWork(IS_OUR_CLAIM).map((sql) => statement(sql, args)),
    statement(RELEASE, args),
    statement(SELECT_VERDICT, args),
  ];
}

const WORK_KEY = /^(?:blob|layer:(native|override)):(sha256:[0-9a-f]{64})$/;

function waitsForArgs(key: string | undefined): Args {
  if (key === undefined) return { waits_for: null, waits_form: null, waits_digest: null };
  const parts = WORK_KEY.exec(key);
  if (parts === null) throw new Error(`"${key}" is no key of a blob or layer`);
  return { waits_for: key, waits_form: parts[1] ?? null, waits_digest: parts[2] ?? null };
}
