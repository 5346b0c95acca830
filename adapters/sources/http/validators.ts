import type { AnswerHeaders } from "./answer-headers.ts";

const STRONG_ETAG = /^"[\x20\x21\x23-\x7e]{0,1022}"$/;
const HTTP_DATE = /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d [A-Z][a-z][a-z] \d{4} \d\d:\d\d:\d\d GMT$/;
const CLOCK_DOUBT_MS = 60_000;

/**
 * What identifies the object that an answer is of, byte for byte: its strong ETag, else its Last-Modified where that is
 * long enough before the answer's Date that a second change within it cannot hide, else null.
 * @see RFC 9110, 8.8.2.2 and 13.1.5
 */
export function validatorOf(headers: AnswerHeaders): string | null {
  const etag = headers.get("etag");
  if (etag !== null && STRONG_ETAG.test(etag)) return etag;
  const modified = headers.get("last-modified");
  const date = headers.get("date");
  if (etag !== null || modified === null || date === null || !HTTP_DATE.test(modified)) return null;
  return Date.parse(date) - Date.parse(modified) >= CLOCK_DOUBT_MS ? modified : null;
}

/** Whether a validator can be sent in If-Range. */
export function isHttpValidator(validator: string): boolean {
  return STRONG_ETAG.test(validator) || HTTP_DATE.test(validator);
}

/** Whether an answer contradicts a validator: some servers ignore If-Range and send a part of another object. */
export function isOfAnotherObject(headers: AnswerHeaders, validator: string): boolean {
  const shown = headers.get(STRONG_ETAG.test(validator) ? "etag" : "last-modified");
  return shown !== null && shown !== validator;
}
