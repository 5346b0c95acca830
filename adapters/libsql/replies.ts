import type { EnteredReply, Replies, ReplyEntry } from "../../core/ports/replies.ts";
import type { Database, Row } from "./database.ts";
import { integer, nullable, text } from "./row-values.ts";
import { enterReply, forgetReply, keepReply } from "./statements/replies.ts";

/** The answers that a node keeps, in a migrated database. Each method is one `batch`. */
export function createReplies(database: Database, node: string): Replies {
  return {
    enter: async (entry, abandonedAfterMs) => {
      const row = (await database.batch(enterReply(node, entry, abandonedAfterMs))).at(-1)?.[0];
      if (row === undefined) throw new Error(`the entry of the key ${entry.key} is not there`);
      return toEntered(row, entry);
    },
    keep: async (entry, reply) => {
      await database.batch(keepReply(node, entry, reply));
    },
    forget: async (entry) => {
      await database.batch(forgetReply(node, entry));
    },
  };
}

function toEntered(row: Row, entry: ReplyEntry): EnteredReply {
  if (text(row, "request") !== entry.request) return { kind: "reused" };
  const status = nullable(row, "status", integer);
  if (status !== null) {
    return { kind: "answered", reply: { status, headers: toHeaders(text(row, "headers")), body: text(row, "body") } };
  }
  return { kind: text(row, "op_id") === entry.opId ? "entered" : "being-answered" };
}

function toHeaders(json: string): Record<string, string> {
  const headers: unknown = JSON.parse(json);
  const entries = typeof headers === "object" && headers !== null ? Object.entries(headers) : [];
  return Object.fromEntries(entries.map(([name, value]) => [name, String(value)]));
}
