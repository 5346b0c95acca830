import { ImgstoreError, isErrorCode } from "../../core/errors.ts";
import type { ProblemJson } from "../http/wire.ts";
import type { Reply } from "./exchange.ts";

/**
 * A refusal as the ImgstoreError that it was at the server. A code that this version does not know becomes INTERNAL and
 * keeps its text; an answer that no imgstore server gives is SERVER_UNREACHABLE.
 */
export function errorOf(reply: Reply): ImgstoreError {
  const problem = problemOf(reply);
  if (problem === null) return unexpectedReply(reply);
  const isKnown = isErrorCode(problem.code);
  const retryAfterMs = retryAfterMsOf(reply);
  return new ImgstoreError(
    isKnown ? problem.code : "INTERNAL",
    isKnown ? problem.detail : `${problem.detail} (${problem.code})`,
    {
      ...(problem.hint === null ? {} : { hint: problem.hint }),
      ...(retryAfterMs === null ? {} : { retryAfterMs }),
    },
  );
}

/** An answer that does not come from the HTTP functions: another program listens there, or a proxy answers for them. */
export function unexpectedReply({ call, status }: Reply, cause?: unknown): ImgstoreError {
  const message = `the answer to ${call.method} ${call.path} (status ${status}) is not from an imgstore server`;
  return new ImgstoreError("SERVER_UNREACHABLE", message, {
    hint: "check --server (IMGSTORE_SERVER) and what is between here and there",
    cause,
  });
}

/** Retry-After in milliseconds, given in seconds or as a date; null without one. */
export function retryAfterMsOf({ retryAfter }: Reply): number | null {
  if (retryAfter === null) return null;
  const seconds = Number(retryAfter);
  const ms = Number.isNaN(seconds) ? Date.parse(retryAfter) - Date.now() : seconds * 1000;
  return Number.isNaN(ms) ? null : Math.max(0, ms);
}

function problemOf({ contentType, text }: Reply): ProblemJson | null {
  if (contentType === null || !contentType.startsWith("application/problem+json")) return null;
  try {
    const body: unknown = JSON.parse(text);
    return isProblem(body) ? body : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

function isProblem(body: unknown): body is ProblemJson {
  if (typeof body !== "object" || body === null) return false;
  const hint = "hint" in body ? body.hint : undefined;
  return (
    "code" in body &&
    typeof body.code === "string" &&
    "detail" in body &&
    typeof body.detail === "string" &&
    (hint === null || typeof hint === "string")
  );
}
