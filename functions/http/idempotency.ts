import { ImgstoreError } from "../../core/errors.ts";
import type { ReplyEntry } from "../../core/ports/replies.ts";
import { problemAnswer } from "./problem.ts";
import type { Answer, Handler, HttpRequest, RouteCall } from "./route-call.ts";

/** A request that nobody has answered after this long, in milliseconds, was its process's last. */
const ABANDONED_AFTER_MS = 60_000;

/**
 * Answers a request that carries an Idempotency-Key at most once, and its repeats as the first; an answer that is our
 * own fault (5xx) is not kept.
 * @throws {ImgstoreError} INVALID_BODY (not a key), IDEMPOTENCY_KEY_REUSED (another request's), LEASED (being answered)
 */
export async function answerOnce(key: string, call: RouteCall, handler: Handler): Promise<Answer> {
  const { replies, clock } = call.engine;
  const entry: ReplyEntry = { key: parseKey(key), request: await fingerprint(call.request), opId: clock.newId() };
  const entered = await replies.enter(entry, ABANDONED_AFTER_MS);
  switch (entered.kind) {
    case "answered":
      return entered.reply;
    case "reused":
      throw new ImgstoreError("IDEMPOTENCY_KEY_REUSED", "this Idempotency-Key belongs to another request", {
        hint: "use a fresh key for each request, and the same only to repeat it",
      });
    case "being-answered":
      return problemAnswer(new ImgstoreError("LEASED", "the first request with this key is still being answered"), {
        retryAfterMs: 1000,
      });
    case "entered":
      return answerFirst(entry, call, handler);
  }
}

async function answerFirst(entry: ReplyEntry, call: RouteCall, handler: Handler): Promise<Answer> {
  const { replies } = call.engine;
  try {
    const answer = await answered(call, handler);
    await (answer.status < 500 ? replies.keep(entry, answer) : replies.forget(entry));
    return answer;
  } catch (error) {
    await replies.forget(entry);
    throw error;
  }
}

/** A refusal is an answer, too: the repeat is refused alike. */
async function answered(call: RouteCall, handler: Handler): Promise<Answer> {
  try {
    return await handler(call);
  } catch (error) {
    if (error instanceof ImgstoreError && error.code !== "INTERNAL") return problemAnswer(error);
    throw error;
  }
}

function parseKey(key: string): string {
  if (/^[\x21-\x7e]{1,255}$/.test(key)) return key;
  throw new ImgstoreError("INVALID_BODY", "the Idempotency-Key is not a key", {
    hint: "1 to 255 visible ASCII characters, such as a UUID",
  });
}

/** The key alone would let one client's repeat be answered with another request's answer. */
async function fingerprint(request: HttpRequest): Promise<string> {
  const text = [request.method, request.target, await request.readText()].join("\n");
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
