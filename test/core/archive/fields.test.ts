import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeBase64 } from "../../../core/archive/base64.ts";
import { Budget } from "../../../core/archive/budget.ts";
import { bytesOf, latin1, shown } from "../../../core/archive/bytes.ts";
import { FIELDS, hasRightChecksum, numberField } from "../../../core/archive/header.ts";
import { parseDecimal, parseTime } from "../../../core/archive/numbers.ts";
import { parsePax } from "../../../core/archive/pax.ts";
import { parentOf, parseTreePath } from "../../../core/archive/tree-path.ts";
import { DEFAULT_LIMITS } from "../../../core/limits.ts";
import { header, paxRecord } from "../../support/archive-builder.ts";

const PLACE = { path: null, offset: 0 };
const budget = new Budget(DEFAULT_LIMITS, () => 0);

describe("numberField", () => {
  test("reads what was written, octal or base-256, below zero too", () => {
    fc.assert(
      fc.property(fc.integer({ min: -(2 ** 52), max: 2 ** 52 }), (mtime) => {
        expect(numberField(header({ mtime }), 0, FIELDS.mtime, PLACE)).toBe(mtime);
      }),
    );
  });

  test("takes leading spaces and an empty field, and refuses what does not fit a number", () => {
    const field = (text: string): number => numberField(header({ raw: [[136, text]] }), 0, FIELDS.mtime, PLACE);
    expect(field("    17 \0\0\0\0\0")).toBe(15);
    expect(field("\0".repeat(12))).toBe(0);
    expect(() => field("\u0080\u0001".padEnd(12, "\u007f"))).toThrow(/not a number/);
  });
});

test("hasRightChecksum takes sums of signed bytes as well", () => {
  const block = Buffer.from(header({ name: Buffer.from([0xe9, 0xff]) }));
  expect(hasRightChecksum(block, 0)).toBe(true);
  const signed = Number.parseInt(block.toString("latin1", 148, 154), 8) - 512;
  block.write(`${signed.toString(8).padStart(6, "0")}\0 `, 148);
  expect(hasRightChecksum(block, 0)).toBe(true);
  block[0] = 0xea;
  expect(hasRightChecksum(block, 0)).toBe(false);
});

describe("parseTime", () => {
  test.each([
    ["0", 0, 0],
    ["1.5", 1, 500_000_000],
    ["-1.5", -2, 500_000_000],
    ["-0.000000001", -1, 999_999_999],
    ["-0.0000000001", -1, 999_999_999],
    ["1.99999999999", 1, 999_999_999],
    ["-3", -3, 0],
    ["7.", 7, 0],
  ])("%s", (text, seconds, nanoseconds) => {
    expect(parseTime(bytesOf(text))).toEqual({ seconds, nanoseconds });
  });

  test.each(["", ".5", "1e5", "+1", "1.2.3", "--1", "9007199254740993", "1 "])("refuses %j", (text) => {
    expect(parseTime(bytesOf(text))).toBe(null);
  });
});

test("parseDecimal takes digits only, as far as a number is exact", () => {
  fc.assert(
    fc.property(fc.nat({ max: Number.MAX_SAFE_INTEGER }), (value) => parseDecimal(bytesOf(`${value}`)) === value),
  );
  for (const text of ["", "-1", " 1", "1.0", "0x1", "9007199254740992"]) expect(parseDecimal(bytesOf(text))).toBe(null);
});

test("decodeBase64 reads what is written, padded or not", () => {
  fc.assert(
    fc.property(fc.uint8Array(), fc.boolean(), (bytes, isPadded) => {
      const text = Buffer.from(bytes).toString("base64");
      expect(decodeBase64(isPadded ? text : text.replaceAll("=", ""))).toEqual(bytes);
    }),
  );
  for (const text of ["a*", "a", "abcde", "a=b=", "abcd=", "ab=", "===="]) expect(decodeBase64(text)).toBe(null);
});

describe("parsePax", () => {
  test("keeps any bytes of names and attributes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1 }), (value) => {
        const body = Buffer.concat([paxRecord("SCHILY.xattr.user.a", value), paxRecord("comment", value)]);
        expect(parsePax(body, PLACE).xattrs.get("user.a")).toEqual(value);
      }),
    );
  });

  test("knows no key by what objects have", () => {
    const body = Buffer.concat(["constructor", "__proto__", "toString"].map((key) => paxRecord(key, "x")));
    expect(parsePax(body, PLACE)).toEqual({ xattrs: new Map(), sparse: [] });
  });

  test("takes an attribute's bytes and their base64 together, and decodes escaped names", () => {
    const body = Buffer.concat([
      paxRecord("LIBARCHIVE.xattr.user.%C3%A9", "YWJj"),
      paxRecord("SCHILY.xattr.user.a%3Db%25", "1"),
      paxRecord("SCHILY.xattr.user.c", "abc"),
      paxRecord("LIBARCHIVE.xattr.user.c", "YWJj"),
    ]);
    const texts = [...parsePax(body, PLACE).xattrs].map(([name, value]) => [name, latin1(value)]);
    expect(texts).toEqual([
      ["user.\xc3\xa9", "abc"],
      ["user.a=b%", "1"],
      ["user.c", "abc"],
    ]);
  });
});

test.each([
  ["SCHILY.xattr.user.a", "LIBARCHIVE.xattr.user.a"],
  ["SCHILY.xattr.user.%3d", "SCHILY.xattr.user.%3D"],
])("parsePax refuses two values of one attribute: %s and %s", (first, second) => {
  const body = Buffer.concat([paxRecord(first, "YWJj"), paxRecord(second, "YWJk")]);
  expect(() => parsePax(body, PLACE)).toThrow(/two values/);
});

describe("parseTreePath", () => {
  test("gives a path that stays in the tree, or refuses", () => {
    const component = fc.constantFrom("", ".", "..", "a", "...", ".a", "b c");
    fc.assert(
      fc.property(fc.array(component, { minLength: 1, maxLength: 8 }), (components) => {
        const name = components.join("/");
        fc.pre(name !== "");
        const isDotted = components.includes("..");
        const parse = (): string => latin1(parseTreePath(bytesOf(name), PLACE, budget).bytes);
        if (isDotted) expect(parse).toThrow(/\.\./);
        else expect(parse()).toBe(components.filter((part) => part !== "" && part !== ".").join("/"));
      }),
    );
  });

  test("its parent is the path without its last component", () => {
    const path = parseTreePath(bytesOf("a/bc/d"), PLACE, budget);
    expect(latin1(parentOf(path).bytes)).toBe("a/bc");
    expect(parentOf(path).nameStart).toBe(2);
    expect(parentOf(parentOf(parentOf(path))).bytes).toHaveLength(0);
  });
});

test("shown never lets a control character through, and shows UTF-8 as it is", () => {
  fc.assert(fc.property(fc.uint8Array(), (bytes) => /^[^\p{Cc}]*$/u.test(shown(bytes))));
  expect(shown(Buffer.from("café"))).toBe("café");
  expect(shown(bytesOf("caf\xe9"))).toBe("caf\\xe9");
});
