import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { hexOf, parseDigest } from "../../core/digests.ts";

const hexes = fc.string({ unit: fc.constantFrom(...Array.from("0123456789abcdef")), minLength: 64, maxLength: 64 });

describe("parseDigest", () => {
  test("takes 64 digits with or without sha256:, and hexOf gives them back", () => {
    fc.assert(
      fc.property(hexes, (hex) => {
        expect(parseDigest(hex)).toBe(`sha256:${hex}`);
        expect(parseDigest(`sha256:${hex}`)).toBe(`sha256:${hex}`);
        expect(hexOf(parseDigest(hex))).toBe(hex);
      }),
    );
  });

  test.each([
    ["nothing", ""],
    ["63 digits", "a".repeat(63)],
    ["65 digits", "a".repeat(65)],
    ["upper case", "A".repeat(64)],
    ["a letter beyond f", "g".repeat(64)],
    ["another algorithm", `sha512:${"a".repeat(64)}`],
    ["the algorithm twice", `sha256:sha256:${"a".repeat(64)}`],
    ["a line feed at its end", `${"a".repeat(64)}\n`],
    ["sha256sum's whole line", `${"a".repeat(64)}  image.tar`],
  ])("refuses %s", (_, text) => {
    expect(() => parseDigest(text)).toThrow(expect.objectContaining({ code: "INVALID_DIGEST" }));
  });
});
