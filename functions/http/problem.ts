import { type ImgstoreError, ruleOfError } from "../../core/errors.ts";
import { jsonAnswer, retryAfter } from "./json-answer.ts";
import type { Answer } from "./route-call.ts";
import type { ImageJson, ProblemJson } from "./wire.ts";

/** What a problem may tell beside its error. */
export interface ProblemExtras {
  readonly node?: string;
  readonly image?: ImageJson;
  readonly retryAfterMs?: number;
}

/**
 * An error as `application/problem+json`.
 * @see RFC 9457
 */
export function problemAnswer(error: ImgstoreError, extras: ProblemExtras = {}): Answer {
  const { httpStatus } = ruleOfError(error.code);
  const { retryAfterMs = error.retryAfterMs, ...members } = extras;
  const problem: ProblemJson = {
    type: `urn:imgstore:problem:${error.code.toLowerCase().replaceAll("_", "-")}`,
    title: error.code.toLowerCase().replaceAll("_", " "),
    status: httpStatus,
    code: error.code,
    detail: error.message,
    hint: error.hint,
    ...members,
  };
  return jsonAnswer(problem, httpStatus, {
    "content-type": "application/problem+json",
    ...(retryAfterMs === null ? {} : retryAfter(retryAfterMs)),
    ...(error.code === "UNAUTHORIZED" ? { "www-authenticate": 'Bearer realm="imgstore"' } : {}),
  });
}
