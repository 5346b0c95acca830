import type { Answer } from "./route-call.ts";

/** A JSON document as an answer; never to be cached, as the next transition makes it old. */
export function jsonAnswer(document: unknown, status = 200, headers: Answer["headers"] = {}): Answer {
  return {
    status,
    headers: { "content-type": "application/json", "cache-control": "no-store", ...headers },
    body: JSON.stringify(document),
  };
}

/** Whole seconds, at least one, as Retry-After wants them. */
export function retryAfter(ms: number): Answer["headers"] {
  return { "retry-after": String(Math.max(1, Math.ceil(ms / 1000))) };
}
