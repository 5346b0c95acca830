import type { AttemptStart, Seen } from "../../../core/ports/image-rows.ts";
import type { Statement } from "../database.ts";
import { statement } from "../statement.ts";
import { NOW } from "./fragments.ts";
import { selectById } from "./placement.ts";

// A held row's due_at_ms is the end of its lease: an expired claim is taken over by the same statement.
const CLAIM = `
  UPDATE placements SET
    fence = fence + 1, attempt = attempt + 1, move = :move, op_id = :op_id, worker = :worker,
    lease_owner = :worker, claimed_at_ms = ${NOW}, claimed_generation = generation,
    due_at_ms = ${NOW} + :lease_ms, waits_for = NULL, updated_at_ms = ${NOW},
    priority = CASE WHEN :is_asked_for THEN 0 ELSE priority END
  WHERE id = :id AND node = :node AND state = :state AND version = :version AND fence = :fence
    AND due_at_ms <= ${NOW}`;

// Ours also when the reply to the first try was lost.
const VERDICT = `
  SELECT 1 AS is_ours FROM placements
  WHERE id = :id AND version = :version AND fence = :fence + 1 AND op_id = :op_id AND lease_owner IS NOT NULL`;

/** The second statement's row says that the claim is ours; the last is the placement. */
export function claimRow(node: string, seen: Seen, attempt: AttemptStart): Statement[] {
  const args = {
    node,
    id: seen.id,
    state: seen.state,
    version: seen.version,
    fence: seen.fence,
    move: attempt.move,
    op_id: attempt.opId,
    worker: attempt.worker,
    lease_ms: attempt.leaseMs,
    is_asked_for: attempt.isAskedFor === true ? 1 : 0,
  };
  return [statement(CLAIM, args), statement(VERDICT, args), selectById(seen.id)];
}
