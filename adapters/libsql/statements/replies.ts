import type { Reply, ReplyEntry } from "../../../core/ports/replies.ts";
import type { Statement } from "../database.ts";
import { statement } from "../statement.ts";
import { NOW } from "./fragments.ts";

/** How long an answer is kept, in milliseconds: a client that lost it asks again sooner. */
const KEPT_MS = 86_400_000;

const FORGET_OLD = `
  DELETE FROM replies WHERE created_at_ms < ${NOW} - ${KEPT_MS}`;

const ENTER = `
  INSERT INTO replies (node, key, request, op_id, created_at_ms)
  VALUES (:node, :key, :request, :op_id, ${NOW})
  ON CONFLICT (node, key) DO UPDATE
  SET op_id = excluded.op_id, created_at_ms = excluded.created_at_ms
  WHERE replies.request = excluded.request AND replies.status IS NULL
    AND replies.created_at_ms < ${NOW} - :abandoned_after_ms`;

const FIND = `
  SELECT request, op_id, status, headers, body FROM replies WHERE node = :node AND key = :key`;

const KEEP = `
  UPDATE replies SET status = :status, headers = :headers, body = :body
  WHERE node = :node AND key = :key AND op_id = :op_id AND status IS NULL`;

const FORGET = `
  DELETE FROM replies WHERE node = :node AND key = :key AND op_id = :op_id AND status IS NULL`;

/** The last statement's row is the entry as it is then. */
export function enterReply(node: string, entry: ReplyEntry, abandonedAfterMs: number): Statement[] {
  const { key, request, opId } = entry;
  const args = { node, key, request, op_id: opId, abandoned_after_ms: abandonedAfterMs };
  return [FORGET_OLD, ENTER, FIND].map((sql) => statement(sql, args));
}

export function keepReply(node: string, { key, opId }: ReplyEntry, { status, headers, body }: Reply): Statement[] {
  return [statement(KEEP, { node, key, op_id: opId, status, headers: JSON.stringify(headers), body })];
}

export function forgetReply(node: string, { key, opId }: ReplyEntry): Statement[] {
  return [statement(FORGET, { node, key, op_id: opId })];
}
