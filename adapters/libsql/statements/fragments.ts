import { STATES, TARGETS } from "../../../core/lifecycle/image.ts";
import { isResting, REPAIR_MOVES } from "../../../core/lifecycle/next-move.ts";

/** The database's time in milliseconds; the same throughout one statement and its triggers. */
export const NOW = "CAST(unixepoch('subsec') * 1000 AS INTEGER)";

/** Of `placements` (alias or table name `row`): somebody holds it and the lease has not run out. */
export function isLive(row: string): string {
  return `(${row}.lease_owner IS NOT NULL AND ${row}.due_at_ms > ${NOW})`;
}

/** Of `blobs` or `layers` (`row`): the claim that makes it lives. */
export function isHeldBy(row: string): string {
  return `EXISTS (
    SELECT 1 FROM placements AS holder
    WHERE holder.id = ${row}.holder_id AND holder.fence = ${row}.holder_fence AND ${isLive("holder")})`;
}

/** WHERE of every write under a claim: the row as the claim left it. */
export const IS_CLAIMED_BY_US: string = `
    id = :id AND node = :node AND state = :state AND version = :version AND fence = :fence AND lease_owner IS NOT NULL`;

/** The same, as a guard of a statement on another table. Put it before the write that ends the claim. */
export const IS_OUR_CLAIM: string = `EXISTS (SELECT 1 FROM placements WHERE ${IS_CLAIMED_BY_US})`;

/** As IS_OUR_CLAIM, and its lease has not run out: for what other claims may take over from an expired one. */
export const IS_OUR_LIVE_CLAIM: string = `EXISTS (
    SELECT 1 FROM placements WHERE ${IS_CLAIMED_BY_US} AND due_at_ms > ${NOW})`;

/** Pairs of state and target at which nothing is due, from the lifecycle's own table. */
const RESTING_PAIRS = STATES.flatMap((state) =>
  TARGETS.filter((target) => isResting(state, target)).map((target) => `('${state}', '${target}')`),
).join(", ");

/** States that a wanted repair leads out of. */
const REPAIRED_STATES = Object.keys(REPAIR_MOVES)
  .map((state) => `'${state}'`)
  .join(", ");

/** Whether a row of `placements` rests in `state` with `target` (both SQL expressions). */
export function rests(state: string, target: string): string {
  return `((${state}, ${target}) IN (VALUES ${RESTING_PAIRS})
    AND NOT (is_repair_wanted AND ${target} <> 'REMOVED' AND ${state} IN (${REPAIRED_STATES})))`;
}

/** SET of every write that changes the state: an image that is to be unpacked again needs no repair. */
export const KEEP_REPAIR: string = `
    is_repair_wanted = is_repair_wanted AND :to_state IN (${REPAIRED_STATES}, 'DEACTIVATING')`;

/** SET of every write that changes the state: the claim is over, the new state begins without a past. */
export const BEGIN_STATE: string = `
    version = version + 1, attempt = 0, lease_owner = NULL, claimed_at_ms = NULL, claimed_generation = NULL,
    waits_for = NULL, reserved_bytes = 0, reserved_inodes = 0, done_bytes = NULL, total_bytes = NULL, most_bytes = 0, move = :move, op_id = :op_id,
    worker = :worker, error_code = :error_code, error_message = :error_message, error_hint = :error_hint,
    error_op_id = CASE WHEN :error_code IS NOT NULL THEN :op_id END, state_since_ms = ${NOW}, updated_at_ms = ${NOW}`;
