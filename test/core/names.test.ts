import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ImgstoreError } from "../../core/errors.ts";
import { parseName, printable } from "../../core/names.ts";

const ends = fc.constantFrom(...Array.from("abcxyz0189"));
const middles = fc.string({ unit: fc.constantFrom(...Array.from("az09._-")), maxLength: 126 });

describe("parseName", () => {
  test("gives back every name of the grammar", () => {
    fc.assert(
      fc.property(ends, middles, ends, (first, middle, last) => {
        expect(parseName(first)).toBe(first);
        expect(parseName(first + middle + last)).toBe(first + middle + last);
      }),
    );
  });

  test.each([
    ["nothing", ""],
    ["a dot", "."],
    ["two dots", ".."],
    ["a path", "a/b"],
    ["a climb", "../etc"],
    ["an absolute path", "/etc"],
    ["upper case", "Debian"],
    ["a space", "a b"],
    ["a leading dot", ".hidden"],
    ["a trailing hyphen", "a-"],
    ["a trailing line feed", "a\n"],
    ["a NUL", "a\0b"],
    ["a letter that only looks like one", "dеbian"],
    ["129 characters", "a".repeat(129)],
  ])("refuses %s", (_, name) => {
    expect(() => parseName(name)).toThrow(expect.objectContaining({ code: "INVALID_NAME" }));
  });

  test("whatever it lets through is one path component of at most 128 bytes, and no option of a command", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom(...Array.from("a.-_/\0\nÄ")) })), (text) => {
        try {
          const name = parseName(text);
          expect(Buffer.byteLength(name)).toBeLessThanOrEqual(128);
          expect(name).toMatch(/^[^-./][^/\0\s]*$/);
          expect(name).not.toContain("/");
        } catch (error) {
          if (!(error instanceof ImgstoreError)) throw error;
          expect(error.code).toBe("INVALID_NAME");
        }
      }),
    );
  });

  test("accepts 128 characters", () => {
    expect(parseName("a".repeat(128))).toHaveLength(128);
  });
});

describe("printable", () => {
  test("leaves no control, line-separating or direction-changing character", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        expect(printable(text)).not.toMatch(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u);
      }),
    );
  });

  test("of printable ASCII without quotes or backslashes is the text itself", () => {
    expect(printable("https://example.com/a?b=c")).toBe("https://example.com/a?b=c");
  });

  test("shows an escape sequence of a terminal instead of sending it", () => {
    expect(printable("\u001b[2J\u009b")).toBe("\\u001b[2J\\u009b");
  });

  test("cuts after 200 characters and says so", () => {
    expect(printable("x".repeat(201))).toBe(`${"x".repeat(200)}…`);
  });
});
