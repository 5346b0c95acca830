import type { Digest } from "../../../core/digests.ts";
import type { Claim } from "../../../core/ports/image-rows.ts";
import type { Statement } from "../database.ts";
import { statement } from "../statement.ts";
import { claimArgs } from "./claim-args.ts";
import { IS_OUR_LIVE_CLAIM, isHeldBy, NOW } from "./fragments.ts";

const KNOW_BLOB = `
  INSERT INTO blobs (node, digest, state, created_at_ms)
  SELECT :node, :digest, 'absent', ${NOW} WHERE ${IS_OUR_LIVE_CLAIM}
  ON CONFLICT (node, digest) DO NOTHING`;

const TAKE_BLOB = `
  UPDATE blobs SET state = 'working', holder_id = :id, holder_fence = :fence
  WHERE node = :node AND digest = :digest AND ${IS_OUR_LIVE_CLAIM}
    AND (state IN ('absent', 'damaged') OR (state = 'working' AND NOT ${isHeldBy("blobs")}))`;

// What an image asks for is not what is dropped first when room is wanted.
const USE_BLOB = `
  UPDATE blobs SET used_at_ms = ${NOW}
  WHERE node = :node AND digest = :digest AND state = 'present' AND ${IS_OUR_LIVE_CLAIM}`;

/** How soon to look again for the end of a collection, which has no lease; its end also wakes. */
export const COLLECTION_POLL_MS = 1000;

const LOOK_AT_BLOB = `
  SELECT ${IS_OUR_LIVE_CLAIM} AS is_live, state, size_bytes,
    holder_id = :id AND holder_fence = :fence AS is_ours,
    coalesce(
      (SELECT due_at_ms FROM placements WHERE placements.id = holder_id AND placements.fence = holder_fence),
      ${NOW} + ${COLLECTION_POLL_MS}) AS until_ms
  FROM (SELECT 1) LEFT JOIN blobs ON blobs.node = :node AND blobs.digest = :digest`;

/** The last statement's row tells what the claim got. */
export function takeBlob(node: string, claim: Claim, digest: Digest): Statement[] {
  const args = { ...claimArgs(node, claim), digest };
  return [KNOW_BLOB, TAKE_BLOB, USE_BLOB, LOOK_AT_BLOB].map((sql) => statement(sql, args));
}
