import { IS_CLAIMED_BY_US, NOW } from "./fragments.ts";

// A claim that ran out and that nobody took over may still be settled, but a collection may have taken the blobs meanwhile
// that it made: a row must not say that they are there. Ours or present, they were not.
const HAS_ITS_BLOBS = `(
    due_at_ms > ${NOW}
    OR NOT EXISTS (
      SELECT 1 FROM json_each(:blobs) WHERE NOT EXISTS (
        SELECT 1 FROM blobs AS kept
        WHERE kept.node = :node AND kept.digest = json_extract(json_each.value, '$.digest') AND (
          kept.state = 'present'
          OR (kept.state = 'working' AND kept.holder_id = :id AND kept.holder_fence = :fence)))))`;

/** WHERE of a settle: the row as the claim left it, and what the claim says of blobs is still so. */
export const MAY_SETTLE: string = `${IS_CLAIMED_BY_US} AND ${HAS_ITS_BLOBS}`;

/** The same, as a guard of the statements before it. */
export const IS_SETTLING: string = `EXISTS (SELECT 1 FROM placements WHERE ${MAY_SETTLE})`;
