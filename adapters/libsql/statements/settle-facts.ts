import type { SettleFacts } from "../../../core/ports/image-rows.ts";
import { blobKey, layerKey } from "../../../core/ports/work-rows.ts";
import type { Statement } from "../database.ts";
import { type Args, statement } from "../statement.ts";
import { NOW } from "./fragments.ts";
import { wakeWaiters } from "./held-work.ts";
import { IS_SETTLING } from "./settle-guard.ts";

const PIN_CHECKSUM = `
  UPDATE images SET checksum = :checksum
  WHERE name = :name AND checksum IS NULL AND ${IS_SETTLING}`;

const STORE_BLOBS = `
  INSERT INTO blobs (node, digest, state, size_bytes, created_at_ms, used_at_ms, verified_at_ms)
  SELECT :node, json_extract(value, '$.digest'), 'present', json_extract(value, '$.sizeBytes'), ${NOW}, ${NOW}, ${NOW}
  FROM json_each(:blobs) WHERE ${IS_SETTLING}
  ON CONFLICT (node, digest) DO UPDATE
  SET state = 'present', size_bytes = excluded.size_bytes, used_at_ms = excluded.used_at_ms,
    verified_at_ms = CASE WHEN blobs.state = 'present' THEN blobs.verified_at_ms ELSE excluded.verified_at_ms END,
    holder_id = NULL, holder_fence = NULL`;

const FORGET_LAYERS = `
  DELETE FROM placement_layers WHERE placement_id = :id AND ${IS_SETTLING}`;

const LIST_LAYERS = `
  INSERT INTO placement_layers (placement_id, position, digest, expected_diff_id)
  SELECT :id, key, json_extract(value, '$.digest'), json_extract(value, '$.expectedDiffId')
  FROM json_each(:layers) WHERE ${IS_SETTLING}`;

const PUBLISH_LAYERS = `
  UPDATE layers SET state = 'present', verified_at_ms = ${NOW},
    staged_name = NULL, staged_inode = NULL, holder_id = NULL, holder_fence = NULL
  WHERE node = :node AND form = :form AND digest IN (SELECT value FROM json_each(:published))
    AND state = 'staged' AND ${IS_SETTLING}`;

/** What an act found out, in the statements before its settle. */
export function writeFacts(args: Args, facts: SettleFacts): Statement[] {
  const { checksum, blobs, layers, published, form = "native" } = facts;
  const keys = [
    ...(blobs ?? []).map(({ digest }) => blobKey(digest)),
    ...(published ?? []).map((digest) => layerKey(digest, form)),
  ];
  const statements: Statement[] = [];
  const write = (sql: string, more: Args): number => statements.push(statement(sql, { ...args, ...more }));
  if (checksum !== undefined) write(PIN_CHECKSUM, { checksum });
  if (blobs !== undefined) write(STORE_BLOBS, {});
  if (layers !== undefined) {
    write(FORGET_LAYERS, {});
    write(LIST_LAYERS, { layers: JSON.stringify(layers) });
  }
  if (published !== undefined) write(PUBLISH_LAYERS, { form, published: JSON.stringify(published) });
  if (keys.length > 0) write(wakeWaiters(IS_SETTLING), { keys: JSON.stringify(keys) });
  return statements;
}
