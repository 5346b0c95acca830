import { blobKey, type Garbage, type GarbageScope, layerKey } from "../../../core/ports/work-rows.ts";
import type { Statement } from "../database.ts";
import { statement } from "../statement.ts";
import { isHeldBy } from "./fragments.ts";
import { WAKE_FOR_ROOM, wakeWaiters } from "./held-work.ts";

/** A placement of this node (with `condition` on `user`) has the digest as its image's checksum or among its layers. */
function isUsed(digest: string, condition: string): string {
  return `(
    EXISTS (
      SELECT 1 FROM images JOIN placements AS user ON user.image_id = images.id
      WHERE images.checksum = ${digest} AND user.node = :node AND ${condition})
    OR EXISTS (
      SELECT 1 FROM placement_layers AS listed JOIN placements AS user ON user.id = listed.placement_id
      WHERE listed.digest = ${digest} AND user.node = :node AND ${condition}))`;
}

const isReferenced = (digest: string): string => isUsed(digest, "TRUE");

/** A blob is needed until every layer that comes of it is there: after that it is only kept for repair. */
const NEEDS_BLOBS = `(
        user.state NOT IN ('STORED', 'ACTIVATING', 'ACTIVE', 'DEACTIVATING')
        OR NOT EXISTS (SELECT 1 FROM placement_layers WHERE placement_id = user.id)
        OR EXISTS (
          SELECT 1 FROM placement_layers AS own
          WHERE own.placement_id = user.id AND NOT EXISTS (
            SELECT 1 FROM layers
            WHERE layers.node = :node AND layers.digest = own.digest AND layers.state = 'present')))`;

const IS_IDLE_BLOB = `
  node = :node AND (state IN ('absent', 'present', 'damaged') OR (state = 'working' AND NOT ${isHeldBy("blobs")}))`;

const IS_GARBAGE_BLOB = {
  unreferenced: `${IS_IDLE_BLOB} AND NOT ${isReferenced("blobs.digest")}`,
  "all-blobs": `${IS_IDLE_BLOB} AND (
    NOT ${isReferenced("blobs.digest")}
    OR (state IN ('present', 'damaged') AND NOT ${isUsed("blobs.digest", NEEDS_BLOBS)}))`,
  leaving: "FALSE",
} as const;

// A staged tree belongs to the placement that staged it until that one's list of layers is known.
const IS_GARBAGE_LAYER = `
  node = :node AND NOT ${isReferenced("layers.digest")} AND (
    state IN ('absent', 'present', 'damaged')
    OR (state = 'working' AND NOT ${isHeldBy("layers")})
    OR (state = 'staged' AND NOT EXISTS (
      SELECT 1 FROM placements AS maker
      WHERE maker.id = layers.holder_id AND maker.state IN ('UNPACKING', 'UNPACKED'))))`;

const MARK = "SET state = 'removing', holder_id = NULL, holder_fence = NULL";

const MARK_BLOBS = {
  unreferenced: `
  UPDATE blobs ${MARK} WHERE ${IS_GARBAGE_BLOB.unreferenced}`,
  "all-blobs": `
  UPDATE blobs ${MARK} WHERE ${IS_GARBAGE_BLOB["all-blobs"]}`,
} as const;

const MARK_LAYERS = `
  UPDATE layers ${MARK} WHERE ${IS_GARBAGE_LAYER}`;

const selectBlobs = (isGarbage: string): string => `
  SELECT digest, size_bytes FROM blobs
  WHERE node = :node AND state = 'removing'
  UNION
  SELECT digest, size_bytes FROM blobs
  WHERE ${isGarbage}
  ORDER BY digest`;

const SELECT_BLOBS = {
  unreferenced: selectBlobs(IS_GARBAGE_BLOB.unreferenced),
  "all-blobs": selectBlobs(IS_GARBAGE_BLOB["all-blobs"]),
  leaving: selectBlobs(IS_GARBAGE_BLOB.leaving),
} as const;

// A published tree goes with its last row: one that is present, or that is staged and may be published next, keeps it. A
// staged tree is not published under its diffId, unless by a crash: then it is a stray that gc finds.
const selectLayers = (isGarbage: string): string => `
  WITH garbage AS (
    SELECT * FROM layers WHERE node = :node AND state = 'removing'
    UNION
    SELECT * FROM layers WHERE ${isGarbage})
  SELECT digest, form, size_bytes, staged_name, CASE WHEN staged_name IS NULL AND NOT EXISTS (
    SELECT 1 FROM layers AS other
    WHERE other.node = :node AND other.diff_id = garbage.diff_id AND other.form = garbage.form
      AND other.state IN ('present', 'staged')
      AND (other.digest, other.form) NOT IN (SELECT digest, form FROM garbage)) THEN diff_id END AS diff_id
  FROM garbage ORDER BY digest, form`;

const SELECT_LAYERS = {
  unreferenced: selectLayers(IS_GARBAGE_LAYER),
  "all-blobs": selectLayers(IS_GARBAGE_LAYER),
  leaving: selectLayers("FALSE"),
} as const;

/** The garbage's blobs, then its layers. */
export function findGarbage(node: string, scope: GarbageScope | "leaving"): Statement[] {
  return [statement(SELECT_BLOBS[scope], { node }), statement(SELECT_LAYERS[scope], { node })];
}

/** The last two statements' rows are the garbage's blobs, then its layers. */
export function markGarbage(node: string, scope: GarbageScope): Statement[] {
  return [statement(MARK_BLOBS[scope], { node }), statement(MARK_LAYERS, { node }), ...findGarbage(node, scope)];
}

const MARK_KEPT_BLOBS = `
  UPDATE blobs ${MARK} WHERE node = :node AND digest IN (
    SELECT digest FROM (
      SELECT digest, sum(size_bytes) OVER (ORDER BY used_at_ms, digest) - size_bytes AS bytes_before
      FROM blobs WHERE ${IS_GARBAGE_BLOB["all-blobs"]} AND state IN ('present', 'damaged'))
    WHERE bytes_before < :bytes)`;

/** As `markGarbage`, of the blobs that are only kept, the least recently used first. */
export function markKeptBlobs(node: string, bytes: number): Statement[] {
  return [statement(MARK_KEPT_BLOBS, { node, bytes }), ...findGarbage(node, "leaving")];
}

// Two layers may be the same tree.
const STORED_BYTES = `
  SELECT
    (SELECT coalesce(sum(size_bytes), 0) FROM blobs WHERE node = :node AND state IN ('present', 'damaged'))
    + (SELECT coalesce(sum(size_bytes), 0) FROM (
        SELECT max(size_bytes) AS size_bytes FROM layers
        WHERE node = :node AND state IN ('present', 'staged', 'damaged') GROUP BY diff_id)) AS bytes`;

export function sumStoredBytes(node: string): Statement {
  return statement(STORED_BYTES, { node });
}

const IS_SWEPT_BLOB = `
  node = :node AND state = 'removing' AND digest IN (SELECT value FROM json_each(:blobs))`;

const IS_SWEPT_LAYER = `
  node = :node AND state = 'removing' AND (digest, form) IN (
    SELECT json_extract(value, '$.digest'), json_extract(value, '$.form') FROM json_each(:layers))`;

const SWEEP = [
  `
  DELETE FROM blobs WHERE ${IS_SWEPT_BLOB} AND NOT ${isReferenced("blobs.digest")}`,
  `
  UPDATE blobs SET state = 'absent', size_bytes = NULL WHERE ${IS_SWEPT_BLOB}`,
  `
  DELETE FROM layers WHERE ${IS_SWEPT_LAYER} AND NOT ${isReferenced("layers.digest")}`,
  `
  UPDATE layers SET state = 'absent', diff_id = NULL, size_bytes = NULL, staged_name = NULL, staged_inode = NULL
  WHERE ${IS_SWEPT_LAYER}`,
  wakeWaiters("TRUE"),
  WAKE_FOR_ROOM,
] as const;

/** Forgets the marked rows whose files are gone, and wakes those who wait for them. */
export function sweepGarbage(node: string, garbage: Garbage): Statement[] {
  const keys = [
    ...garbage.blobs.map(({ digest }) => blobKey(digest)),
    ...garbage.layers.map(({ digest, form }) => layerKey(digest, form)),
  ];
  const args = {
    node,
    blobs: JSON.stringify(garbage.blobs.map(({ digest }) => digest)),
    layers: JSON.stringify(garbage.layers.map(({ digest, form }) => ({ digest, form }))),
    keys: JSON.stringify(keys),
  };
  return SWEEP.map((sql) => statement(sql, args));
}
