import { expect, test } from "vitest";
import { answerHeaders, rawAnswerHeaders } from "../../../../adapters/sources/http/answer-headers.ts";
import { beginningOf } from "../../../../adapters/sources/http/beginning.ts";
import { parseContentRange } from "../../../../adapters/sources/http/content-range.ts";
import { parseRetryAfter } from "../../../../adapters/sources/http/retry-after.ts";

test.each([
  ["bytes 5-9/10", { first: 5, last: 9, totalBytes: 10 }],
  ["bytes 5-9/*", { first: 5, last: 9, totalBytes: null }],
  ["bytes */10", { first: null, totalBytes: 10 }],
  ["bytes 9-5/10", null],
  ["bytes 5-10/10", null],
  ["bytes 5-9", null],
  ["items 5-9/10", null],
  [null, null],
])("parseContentRange: %s", (header, range) => {
  expect(parseContentRange(header)).toEqual(range);
});

test("parseRetryAfter: a date counts from now, at most ten minutes, never negative", () => {
  const now = Date.parse("Tue, 24 Nov 2026 10:00:00 GMT");
  expect(parseRetryAfter("Tue, 24 Nov 2026 10:00:07 GMT", now)).toBe(7000);
  expect(parseRetryAfter("Tue, 24 Nov 2026 11:00:00 GMT", now)).toBe(600_000);
  expect(parseRetryAfter("Tue, 24 Nov 2026 09:00:00 GMT", now)).toBe(0);
  expect(parseRetryAfter("0", now)).toBe(0);
});

test.each([null, "", "-5", "soon", "99999999999"])("parseRetryAfter: %s says nothing", (header) => {
  expect(parseRetryAfter(header, 0)).toBeNull();
});

const partial = (headers: Record<string, string | string[]>): unknown =>
  beginningOf({ status: 206, headers: answerHeaders(headers) }, { offset: 4, validator: null }, "http://h/x");

test("beginningOf: a part that begins elsewhere, contradicts its length, or has two ranges is not taken", () => {
  expect(partial({ "content-range": "bytes 5-9/10", "content-length": "5" })).toEqual({ kind: "elsewhere" });
  expect(partial({ "content-range": "bytes 3-9/10" })).toEqual({ kind: "elsewhere" });
  expect(partial({ "content-range": "bytes 4-9/10", "content-length": "5" })).toEqual({ kind: "elsewhere" });
  expect(partial({ "content-range": ["bytes 4-9/10", "bytes 0-9/10"] })).toEqual({ kind: "elsewhere" });
});

test("beginningOf: a part that ends before the object does still owes the rest", () => {
  expect(partial({ "content-range": "bytes 4-5/10", "content-length": "2" })).toEqual({
    kind: "bytes",
    offset: 4,
    totalBytes: 10,
    announcedBytes: 6,
  });
});

test("beginningOf: a part that nobody asked for is SOURCE_REFUSED", () => {
  const headers = answerHeaders({ "content-range": "bytes 0-9/10" });
  expect(() => beginningOf({ status: 206, headers }, { offset: 0, validator: null }, "http://h/x")).toThrow(
    expect.objectContaining({ code: "SOURCE_REFUSED" }),
  );
});

test("rawAnswerHeaders: by any case, trimmed, and null where one is missing or comes twice", () => {
  const headers = rawAnswerHeaders(["ETag", ' "a" ', "Content-Length", "1", "content-length", "2", "__proto__", "x"]);
  expect(headers.get("etag")).toBe('"a"');
  expect(headers.get("content-length")).toBeNull();
  expect(headers.get("last-modified")).toBeNull();
});
