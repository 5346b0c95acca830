import { ruleOf } from "../../../core/lifecycle/image.ts";
import type { Seen, Swap } from "../../../core/ports/image-rows.ts";
import type { Statement } from "../database.ts";
import { statement } from "../statement.ts";
import { errorArgs } from "./claim-args.ts";
import { BEGIN_STATE, isLive, KEEP_REPAIR, NOW, rests } from "./fragments.ts";
import { freeHeldWork } from "./held-work.ts";
import { selectById } from "./placement.ts";

// The target as well: whoever was on his way to the old one must not remove what a person has asked to keep since.
const IS_AS_SEEN = `
    id = :id AND node = :node AND state = :state AND version = :version AND fence = :fence
    AND (:towards IS NULL OR target = :towards)
    AND (:overrules OR NOT ${isLive("placements")})`;

const WILL_APPLY = `EXISTS (SELECT 1 FROM placements WHERE ${IS_AS_SEEN})`;

const SWAP = `
  UPDATE placements SET
    state = :to_state, fence = fence + (lease_owner IS NOT NULL), ${BEGIN_STATE}, ${KEEP_REPAIR},
    due_at_ms = CASE WHEN ${rests(":to_state", "target")} THEN NULL ELSE ${NOW} END,
    priority = CASE WHEN ${rests(":to_state", "target")} THEN 1 WHEN :is_asked_for THEN 0 ELSE priority END,
    boot_id = CASE WHEN :forgets_mount THEN NULL ELSE boot_id END,
    mount_ns = CASE WHEN :forgets_mount THEN NULL ELSE mount_ns END,
    mount_id = CASE WHEN :forgets_mount THEN NULL ELSE mount_id END,
    device_id = CASE WHEN :forgets_mount THEN NULL ELSE device_id END
  WHERE ${IS_AS_SEEN}`;

// Ours also when the reply to the first try was lost.
const VERDICT = `
  SELECT 1 AS is_ours FROM history
  WHERE placement_id = :id AND version = :version + 1 AND from_state IS NOT to_state AND op_id = :op_id`;

/**
 * The last but one statement's row says that the swap is ours; the last is the placement. The work of the claim that it
 * overrules (if any) is freed before, guarded by the same condition.
 */
export function swapState(node: string, seen: Seen, wanted: Swap): Statement[] {
  const rule = ruleOf(wanted.move);
  const args = {
    node,
    id: seen.id,
    state: seen.state,
    version: seen.version,
    fence: seen.fence,
    to_state: rule.to,
    towards: wanted.towards ?? null,
    move: wanted.move,
    op_id: wanted.opId,
    worker: wanted.worker,
    overrules: rule.overrulesLease === true ? 1 : 0,
    forgets_mount: wanted.move === "remount" || wanted.move === "refetch" ? 1 : 0,
    is_asked_for: wanted.isAskedFor === true ? 1 : 0,
    ...errorArgs(wanted.error),
  };
  return [
    ...freeHeldWork(WILL_APPLY).map((sql) => statement(sql, args)),
    statement(SWAP, args),
    statement(VERDICT, args),
    selectById(seen.id),
  ];
}
