import type { Claim, Progress } from "../../../core/ports/image-rows.ts";
import type { Statement } from "../database.ts";
import { statement } from "../statement.ts";
import { claimArgs, progressArgs } from "./claim-args.ts";
import { IS_CLAIMED_BY_US, NOW } from "./fragments.ts";

// New bytes are those beyond what any attempt at this move reached: an attempt that only comes as far as the one before
// it counts. The present attempt is then the first since they came. A lease that ran out is not revived: what the claim
// held may be in other hands.
const HEARTBEAT = `
  UPDATE placements SET
    due_at_ms = ${NOW} + :lease_ms,
    attempt = CASE WHEN :done_bytes > most_bytes THEN 1 ELSE attempt END,
    most_bytes = max(most_bytes, coalesce(:done_bytes, 0)),
    done_bytes = coalesce(:done_bytes, done_bytes),
    total_bytes = CASE WHEN :done_bytes IS NULL THEN total_bytes ELSE :total_bytes END,
    updated_at_ms = ${NOW}
  WHERE ${IS_CLAIMED_BY_US} AND due_at_ms > ${NOW}
  RETURNING id`;

/** A row: the lease was pushed on. */
export function pushLease(node: string, claim: Claim, leaseMs: number, progress: Progress | null): Statement {
  return statement(HEARTBEAT, { ...claimArgs(node, claim), ...progressArgs(progress), lease_ms: leaseMs });
}
