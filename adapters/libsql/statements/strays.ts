import type { Digest } from "../../../core/digests.ts";
import type { LayerForm } from "../../../core/lifecycle/work.ts";
import type { Statement } from "../database.ts";
import { statement } from "../statement.ts";
import { NOW } from "./fragments.ts";

// Only where no row speaks of the file: from then on nobody takes it up before it is gone. RETURNING tells whether.
const MARK_BLOB = `
  INSERT INTO blobs (node, digest, state, created_at_ms) VALUES (:node, :digest, 'removing', ${NOW})
  ON CONFLICT (node, digest) DO UPDATE SET state = 'removing' WHERE blobs.state = 'absent'
  RETURNING digest`;

export function markStrayBlob(node: string, digest: Digest): Statement {
  return statement(MARK_BLOB, { node, digest });
}

// Whoever unpacks a layer records its tree's diffId before it publishes it, and asks then whether that is leaving: of the
// two rows one comes first. The row has no digest of its own and takes the diffId, as a tar that is not compressed has.
const MARK_LAYER = `
  INSERT INTO layers (node, digest, form, state, diff_id, created_at_ms)
  SELECT :node, :diff_id, :form, 'removing', :diff_id, ${NOW}
  WHERE NOT EXISTS (SELECT 1 FROM layers WHERE node = :node AND diff_id = :diff_id)
  ON CONFLICT (node, digest, form) DO NOTHING
  RETURNING digest`;

export function markStrayLayer(node: string, diffId: Digest, form: LayerForm): Statement {
  return statement(MARK_LAYER, { node, diff_id: diffId, form });
}
