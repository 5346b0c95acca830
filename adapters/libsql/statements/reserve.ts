import type { Claim } from "../../../core/ports/image-rows.ts";
import type { Reservation } from "../../../core/ports/work-rows.ts";
import type { Statement } from "../database.ts";
import { statement } from "../statement.ts";
import { claimArgs } from "./claim-args.ts";
import { IS_CLAIMED_BY_US, NOW } from "./fragments.ts";

// What others have still to write of what they reserved: the more is done since, the more of it shows in what is free.
const SPOKEN_FOR = `
  SELECT coalesce(sum(reserved_bytes * left), 0) AS bytes, coalesce(sum(reserved_inodes * left), 0) AS inodes
  FROM (
    SELECT reserved_bytes, reserved_inodes,
      CASE WHEN total_bytes > reserved_at_bytes
        THEN 1.0 - max(0.0, min(1.0, 1.0 * (done_bytes - reserved_at_bytes) / (total_bytes - reserved_at_bytes)))
        ELSE 1.0 END AS left
    FROM placements WHERE node = :node AND reserved_bytes > 0 AND id <> :id)`;

// What is likely needed has to fit beside what others reserved; alone, what is needed for sure is enough: an estimate must
// not keep an image out for ever.
const RESERVE = `
  UPDATE placements SET
    reserved_bytes = :likely_bytes, reserved_inodes = :likely_inodes, reserved_at_bytes = coalesce(done_bytes, 0)
  FROM (${SPOKEN_FOR}) AS others
  WHERE ${IS_CLAIMED_BY_US} AND due_at_ms > ${NOW}
    AND :least_bytes <= :free_bytes - others.bytes
    AND (:free_inodes IS NULL OR :least_inodes <= :free_inodes - others.inodes)
    AND (others.bytes = 0 OR (
      :likely_bytes <= :free_bytes - others.bytes
      AND (:free_inodes IS NULL OR :likely_inodes <= :free_inodes - others.inodes)))
  RETURNING id`;

const LOOK = `
  SELECT EXISTS (SELECT 1 FROM placements WHERE ${IS_CLAIMED_BY_US} AND due_at_ms > ${NOW}) AS is_live,
    CAST(others.bytes AS INTEGER) AS bytes, CAST(others.inodes AS INTEGER) AS inodes
  FROM (${SPOKEN_FOR}) AS others`;

/** A row of the first statement says that it is reserved; the last one's row tells what others have reserved. */
export function reserveRoom(node: string, claim: Claim, { need, free }: Reservation): Statement[] {
  const args = {
    ...claimArgs(node, claim),
    least_bytes: need.least.bytes,
    least_inodes: need.least.inodes,
    likely_bytes: need.likely.bytes,
    likely_inodes: need.likely.inodes,
    free_bytes: free.bytes,
    free_inodes: free.inodes,
  };
  return [statement(RESERVE, args), statement(LOOK, args)];
}
