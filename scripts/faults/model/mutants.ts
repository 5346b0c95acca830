import {
  IS_CLAIMED_BY_US,
  IS_OUR_CLAIM,
  IS_OUR_LIVE_CLAIM,
  isHeldBy,
  NOW,
} from "../../../adapters/libsql/statements/fragments.ts";
import { IS_SETTLING, MAY_SETTLE } from "../../../adapters/libsql/statements/settle-guard.ts";

/** The protocol broken in one place: what the model check has to find. */
export interface Mutant {
  readonly name: string;
  /** Part of the statements that it changes. */
  readonly of: string;
  readonly from: string;
  readonly to: string;
}

const mutant = (name: string, of: string, from: string, to: string): Mutant => ({ name, of, from, to });

/** One for each guard that a promise rests upon. */
export const MUTANTS: readonly Mutant[] = [
  mutant("a claim that does not look whether the row is due", "lease_owner = :worker", `AND due_at_ms <= ${NOW}`, ""),
  mutant("a claim that does not look at the fence", "lease_owner = :worker", "AND fence = :fence", ""),
  mutant("a claim that does not bump the fence", "lease_owner = :worker", "fence = fence + 1", "fence = fence"),
  mutant("a claim whose verdict takes another's for its own", "AS is_ours", "AND op_id = :op_id", ""),
  mutant("a settle that does not look at the fence", "state = :to_state", "AND fence = :fence AND lease", "AND lease"),
  mutant(
    "a settle that computes no due time from the target",
    "size_bytes = coalesce",
    `ELSE ${NOW} END,\n    priority`,
    "ELSE NULL END,\n    priority",
  ),
  mutant("a settle that keeps what was reserved", "state = :to_state", "reserved_bytes = 0,", ""),
  mutant("facts that are written without a claim", "INTO blobs", IS_SETTLING, "TRUE"),
  mutant("a settle without the blobs that it speaks of", "WHEN :has_mount", MAY_SETTLE, IS_CLAIMED_BY_US),
  mutant("layers that are published without a claim", "SET state = 'present'", IS_SETTLING, "TRUE"),
  mutant("a release that does not bump the fence", "+ :delay_ms", "fence = fence + 1,", ""),
  mutant("a release that does not look at the claim", ":delay_ms", `WHERE ${IS_CLAIMED_BY_US}`, "WHERE id = :id"),
  mutant("a release that waits for what is made already", ":delay_ms", "AND NOT (", "AND FALSE AND NOT ("),
  mutant("an end that wakes nobody", "waits_for IN (", "waits_for IN (", "FALSE AND waits_for IN ("),
  mutant("a heartbeat that revives", "RETURNING id", `AND due_at_ms > ${NOW}`, ""),
  mutant("a swap that does not look at the fence", ":overrules", "AND fence = :fence", ""),
  mutant("a swap towards a target of before", ":overrules", "target = :towards", "TRUE"),
  mutant(
    "an overruling that does not bump the fence",
    "SET\n    state = :to_state",
    "fence = fence + (lease_owner IS NOT NULL),",
    "",
  ),
  mutant("a target that moves a held row", ":is_fresh", "WHEN lease_owner IS NOT NULL THEN due_at_ms", ""),
  mutant("a target that does not look at the generation", ":is_fresh", "AND generation = :generation", ""),
  mutant("a target that leads back from REMOVING", ":is_fresh", "AND (state <> 'REMOVING' OR :target = 'REMOVED')", ""),
  mutant("a blob that is taken from a live claim", "UPDATE blobs", `AND NOT ${isHeldBy("blobs")}`, ""),
  mutant("a layer that is taken from a live claim", "UPDATE layers", `AND NOT ${isHeldBy("layers")}`, ""),
  mutant("a blob that is taken while it is removed", "UPDATE blobs", "'absent', 'damaged')", "'absent', 'removing')"),
  mutant("work that is taken by a claim that ran out", "'working', holder_id = :id", IS_OUR_LIVE_CLAIM, "TRUE"),
  mutant("a layer that is staged by a claim that ran out", "'staged', diff_id", IS_OUR_LIVE_CLAIM, "TRUE"),
  mutant("a staged layer that wakes nobody", "json_each(:keys)", "waits_for IN (", "FALSE AND waits_for IN ("),
  mutant("a collection of what is being made", "SET state = 'removing'", `AND NOT ${isHeldBy("blobs")}`, ""),
  mutant(
    "a collection of blobs that are referred to",
    "UPDATE blobs SET state = 'removing'",
    "NOT (\n    EXISTS",
    "NOT (\n    FALSE AND EXISTS",
  ),
  mutant(
    "a collection of layers that are referred to",
    "UPDATE layers SET state = 'removing'",
    "listed.digest = layers.digest",
    "FALSE",
  ),
  mutant("a collection that forgets what it did not mark", "json_each(:blobs)", "AND state = 'removing'", ""),
  mutant("a collection that forgets layers that it did not mark", "json_each(:layers)", "AND state = 'removing'", ""),
  mutant("a reservation beside others that does not look at theirs", "SET reserved_bytes", "- others.bytes", ""),
  mutant("a reservation by a claim that ran out", "SET reserved_bytes", `AND due_at_ms > ${NOW}`, ""),
  mutant("trees that are given up by another claim", "staged_name = NULL", IS_OUR_CLAIM, "TRUE"),
];
