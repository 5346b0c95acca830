import type { SettleFacts } from "../../../core/ports/image-rows.ts";
import { blobKey, layerKey } from "../../../core/ports/work-rows.ts";
import type { Statement } from "../database.ts";
import { type Args, statement } from "../statement.ts";
import { IS_OUR_CLAIM, NOW } from "./fragments.ts";
import { wakeWaiters } from "./held-work.ts";

const PIN_CHECKSUM = `
  UPDATE images SET checksum = :checksum
  WHERE name = :name AND checksum IS NULL AND ${IS_OUR_CLAIM}`;

// A blob that is being collected stays so: its file may go at any moment. The collection's end makes it absent.
const STORE_BLOB = `
  INSERT INTO blobs (node, digest, state, size_bytes, created_at_ms)
  SELECT :node, :blob, 'present', :blob_bytes, ${NOW} WHERE ${IS_OUR_CLAIM}
  ON CONFLICT (node, digest) DO UPDATE
  SET state = 'present', size_bytes = excluded.size_bytes, holder_id = NULL, holder_fence = NULL
  WHERE blobs.state <> 'removing'`;

const FORGET_LAYERS = `
  DELETE FROM placement_layers WHERE placement_id = :id AND ${IS_OUR_CLAIM}`;

const LIST_LAYERS = `
  INSERT INTO placement_layers (placement_id, position, digest)
  SELECT :id, key, value FROM json_each(:layers) WHERE ${IS_OUR_CLAIM}`;

const PUBLISH_LAYERS = `
  UPDATE layers SET state = 'present', staged_name = NULL, staged_inode = NULL, holder_id = NULL, holder_fence = NULL
  WHERE node = :node AND form = :form AND digest IN (SELECT value FROM json_each(:published))
    AND state = 'staged' AND ${IS_OUR_CLAIM}`;

/** What an act found out, in the statements before its settle. */
export function writeFacts(args: Args, facts: SettleFacts): Statement[] {
  const { checksum, blob, layers, published, form = "native" } = facts;
  const keys = [
    ...(blob === undefined ? [] : [blobKey(blob.digest)]),
    ...(published ?? []).map((digest) => layerKey(digest, form)),
  ];
  const statements: Statement[] = [];
  const write = (sql: string, more: Args): number => statements.push(statement(sql, { ...args, ...more }));
  if (checksum !== undefined) write(PIN_CHECKSUM, { checksum });
  if (blob !== undefined) write(STORE_BLOB, { blob: blob.digest, blob_bytes: blob.sizeBytes });
  if (layers !== undefined) {
    write(FORGET_LAYERS, {});
    write(LIST_LAYERS, { layers: JSON.stringify(layers) });
  }
  if (published !== undefined) write(PUBLISH_LAYERS, { form, published: JSON.stringify(published) });
  if (keys.length > 0) write(wakeWaiters(IS_OUR_CLAIM), { keys: JSON.stringify(keys) });
  return statements;
}
