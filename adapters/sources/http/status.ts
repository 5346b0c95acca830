import { STATUS_CODES } from "node:http";
import { type ErrorCode, ImgstoreError } from "../../../core/errors.ts";
import type { AnswerHeaders } from "./answer-headers.ts";
import { parseRetryAfter } from "./retry-after.ts";

/** What an answer without the object means: who should act, and when to come back. */
export function errorOfStatus(
  answer: { readonly status: number; readonly headers: AnswerHeaders },
  shownUrl: string,
): ImgstoreError {
  const { status, headers } = answer;
  const code = codeOf(status);
  const retryAfterMs = code === "SOURCE_UNAVAILABLE" ? parseRetryAfter(headers.get("retry-after"), Date.now()) : null;
  const hint = HINTS[code];
  const reason = STATUS_CODES[status];
  return new ImgstoreError(
    code,
    `cannot fetch "${shownUrl}": the server answered ${status}${reason === undefined ? "" : ` ${reason}`}`,
    { ...(hint === undefined ? {} : { hint }), ...(retryAfterMs === null ? {} : { retryAfterMs }) },
  );
}

function codeOf(status: number): ErrorCode {
  if (status === 404 || status === 410) return "SOURCE_NOT_FOUND";
  if (status === 401 || status === 403 || status === 407) return "SOURCE_FORBIDDEN";
  if (status === 408 || status === 429 || status >= 500) return "SOURCE_UNAVAILABLE";
  return "SOURCE_REFUSED";
}

const HINTS: { readonly [code in ErrorCode]?: string } = {
  SOURCE_NOT_FOUND: "check the URL",
  SOURCE_FORBIDDEN: "check the credentials in the URL (http://USER:PASSWORD@HOST/…), or its signature",
};
