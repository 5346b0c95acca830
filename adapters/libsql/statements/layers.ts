import type { Digest } from "../../../core/digests.ts";
import type { LayerForm } from "../../../core/lifecycle/work.ts";
import type { Claim } from "../../../core/ports/image-rows.ts";
import { layerKey, type StagedTree } from "../../../core/ports/work-rows.ts";
import type { Statement } from "../database.ts";
import { statement } from "../statement.ts";
import { COLLECTION_POLL_MS } from "./blobs.ts";
import { claimArgs } from "./claim-args.ts";
import { IS_OUR_CLAIM, IS_OUR_LIVE_CLAIM, isHeldBy, NOW } from "./fragments.ts";
import { wakeWaiters } from "./held-work.ts";

const IS_LAYER = "node = :node AND digest = :digest AND form = :form";

const KNOW_LAYER = `
  INSERT INTO layers (node, digest, form, state, created_at_ms)
  SELECT :node, :digest, :form, 'absent', ${NOW} WHERE ${IS_OUR_LIVE_CLAIM}
  ON CONFLICT (node, digest, form) DO NOTHING`;

const TAKE_LAYER = `
  UPDATE layers SET state = 'working', holder_id = :id, holder_fence = :fence
  WHERE ${IS_LAYER} AND ${IS_OUR_LIVE_CLAIM}
    AND (state IN ('absent', 'damaged') OR (state = 'working' AND NOT ${isHeldBy("layers")}))`;

const LOOK_AT_LAYER = `
  SELECT ${IS_OUR_LIVE_CLAIM} AS is_live, layers.*,
    holder_id = :id AND holder_fence = :fence AS is_ours,
    coalesce(
      (SELECT due_at_ms FROM placements WHERE placements.id = holder_id AND placements.fence = holder_fence),
      ${NOW} + ${COLLECTION_POLL_MS}) AS until_ms
  FROM (SELECT 1) LEFT JOIN layers
    ON layers.node = :node AND layers.digest = :digest AND layers.form = :form`;

/** The last statement's row tells what the claim got. */
export function takeLayer(node: string, claim: Claim, digest: Digest, form: LayerForm): Statement[] {
  const args = { ...claimArgs(node, claim), digest, form };
  return [KNOW_LAYER, TAKE_LAYER, LOOK_AT_LAYER].map((sql) => statement(sql, args));
}

const IS_MADE_BY_US = `holder_id = :id AND holder_fence = :fence AND ${IS_OUR_LIVE_CLAIM}`;

const STAGE_LAYER = `
  UPDATE layers SET state = 'staged', diff_id = :diff_id, size_bytes = :size_bytes,
    staged_name = :staged_name, staged_inode = :staged_inode
  WHERE ${IS_LAYER} AND state = 'working' AND ${IS_MADE_BY_US}`;

// Ours also when the reply to the first try was lost.
const IS_STAGED = `
  SELECT 1 AS is_staged FROM layers
  WHERE ${IS_LAYER} AND state = 'staged' AND staged_name = :staged_name AND ${IS_MADE_BY_US}`;

/** A row of the last statement: it is staged. Those who wait for it are woken before, while it is still in the making. */
export function stageLayer(
  node: string,
  claim: Claim,
  digest: Digest,
  form: LayerForm,
  staged: StagedTree,
): Statement[] {
  const args = {
    ...claimArgs(node, claim),
    digest,
    form,
    diff_id: staged.diffId,
    size_bytes: staged.sizeBytes,
    staged_name: staged.name,
    staged_inode: staged.inode,
    keys: JSON.stringify([layerKey(digest, form)]),
  };
  return [WAKE_FOR_STAGED, STAGE_LAYER, IS_STAGED].map((sql) => statement(sql, args));
}

const WAKE_FOR_STAGED = wakeWaiters(`EXISTS (
    SELECT 1 FROM layers WHERE ${IS_LAYER} AND state = 'working' AND ${IS_MADE_BY_US})`);

const SELECT_BY_DIFF_ID = `
  SELECT 1 AS is_there FROM layers
  WHERE node = :node AND diff_id = :diff_id AND form = :form AND state = :layer_state LIMIT 1`;

/** A row: some layer with this tree is in that state. */
export function selectByDiffId(
  node: string,
  diffId: Digest,
  form: LayerForm,
  state: "present" | "removing",
): Statement {
  return statement(SELECT_BY_DIFF_ID, { node, diff_id: diffId, form, layer_state: state });
}

const SELECT_LAYER = `
  SELECT * FROM layers WHERE ${IS_LAYER}`;

export function selectLayer(node: string, digest: Digest, form: LayerForm): Statement {
  return statement(SELECT_LAYER, { node, digest, form });
}

const UNSTAGE = `
  UPDATE layers SET state = 'absent', staged_name = NULL, staged_inode = NULL, holder_id = NULL, holder_fence = NULL`;

const IS_STAGED_FOR_US_ALONE = `
  node = :node AND state = 'staged'
    AND (holder_id = :id
      OR digest IN (SELECT digest FROM placement_layers WHERE placement_id = :id)
      OR digest = (SELECT checksum FROM images WHERE name = :name))
    AND NOT EXISTS (
      SELECT 1 FROM placement_layers AS listed JOIN placements AS other ON other.id = listed.placement_id
      WHERE listed.digest = layers.digest AND other.node = :node AND other.id <> :id)
    AND NOT EXISTS (
      SELECT 1 FROM images JOIN placements AS other ON other.image_id = images.id
      WHERE images.checksum = layers.digest AND other.node = :node AND other.id <> :id)
    AND ${IS_OUR_CLAIM}`;

const SELECT_STAGED_FOR_US_ALONE = `
  SELECT staged_name FROM layers WHERE ${IS_STAGED_FOR_US_ALONE}`;

const UNSTAGE_OWN = `${UNSTAGE}
  WHERE ${IS_STAGED_FOR_US_ALONE}`;

/** The first statement's rows are the names under `tmp/`. */
export function unstageOwn(node: string, claim: Claim): Statement[] {
  const args = claimArgs(node, claim);
  return [statement(SELECT_STAGED_FOR_US_ALONE, args), statement(UNSTAGE_OWN, args)];
}

const UNSTAGE_LOST = `${UNSTAGE}
  WHERE ${IS_LAYER} AND state = 'staged' AND ${IS_OUR_CLAIM}`;

export function unstageLost(node: string, claim: Claim, digest: Digest, form: LayerForm): Statement {
  return statement(UNSTAGE_LOST, { ...claimArgs(node, claim), digest, form });
}
