import { type ImgstoreError, ruleOfError } from "../../core/errors.ts";
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
export function problemResponse(error: ImgstoreError, extras: ProblemExtras = {}): Response {
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
  return new Response(JSON.stringify(problem), {
    status: httpStatus,
    headers: {
      "content-type": "application/problem+json",
      "cache-control": "no-store",
      ...(retryAfterMs === null || retryAfterMs === undefined
        ? {}
        : { "retry-after": retryAfterSeconds(retryAfterMs) }),
      ...(error.code === "UNAUTHORIZED" ? { "www-authenticate": 'Bearer realm="imgstore"' } : {}),
    },
  });
}

/** Whole seconds, at least one, as Retry-After wants them. */
export function retryAfterSeconds(ms: number): string {
  return String(Math.max(1, Math.ceil(ms / 1000)));
}
