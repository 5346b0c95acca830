import { IS_CLAIMED_BY_US } from "./fragments.ts";

// A blob that was there already belongs to nobody, and one that a claim made is free when its lease runs out: until the
// image's list of layers refers to it, a collection may take it. A row must not say then that it is there.
const HAS_ITS_BLOBS = `NOT EXISTS (
      SELECT 1 FROM json_each(:blobs) WHERE NOT EXISTS (
        SELECT 1 FROM blobs AS kept
        WHERE kept.node = :node AND kept.digest = json_extract(json_each.value, '$.digest') AND (
          kept.state = 'present'
          OR (kept.state = 'working' AND kept.holder_id = :id AND kept.holder_fence = :fence))))`;

/** WHERE of a settle: the row as the claim left it, and what the claim says of blobs is still so. */
export const MAY_SETTLE: string = `${IS_CLAIMED_BY_US} AND ${HAS_ITS_BLOBS}`;

/** The same, as a guard of the statements before it. */
export const IS_SETTLING: string = `EXISTS (SELECT 1 FROM placements WHERE ${MAY_SETTLE})`;
