import { expect, test } from "vitest";
import { isLayoutRight } from "../../../../adapters/layers/decompress/isal-check.ts";
import { ISAL_LAYOUT, libisal } from "../../../../adapters/layers/decompress/libisal.ts";

test("isLayoutRight accepts the library that is installed", () => {
  expect(isLayoutRight(libisal.functions(), ISAL_LAYOUT)).toBe(true);
});

test("isLayoutRight refuses a layout whose end of a member is elsewhere", () => {
  for (const blockState of [21_152, 21_156, 21_164, 21_168, 90_000]) {
    expect(isLayoutRight(libisal.functions(), { ...ISAL_LAYOUT, blockState })).toBe(false);
  }
});

test("isLayoutRight refuses a layout whose checksum's flag is elsewhere: nothing would be checked", () => {
  for (const crcFlag of [21_164, 21_176, 21_180, 90_000]) {
    expect(isLayoutRight(libisal.functions(), { ...ISAL_LAYOUT, crcFlag })).toBe(false);
  }
});

test("isLayoutRight refuses a library that does nothing", () => {
  const idle = { ...libisal.functions(), inflate: () => 0 };
  expect(isLayoutRight(idle, ISAL_LAYOUT)).toBe(false);
});
