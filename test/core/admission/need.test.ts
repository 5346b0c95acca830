import { expect, test } from "vitest";
import { marginBytes, needOf } from "../../../core/admission/need.ts";

test("needOf: the stored bytes twice for sure, four times likely, and inodes for what is unpacked", () => {
  expect(needOf(4_096_000, 4_096_000)).toEqual({
    least: { bytes: 8_192_000, inodes: 1 },
    likely: { bytes: 16_384_000, inodes: 1001 },
  });
});

test("needOf: nothing where all is there, and no inode where nothing is unpacked", () => {
  expect(needOf(0, 0)).toEqual({ least: { bytes: 0, inodes: 0 }, likely: { bytes: 0, inodes: 0 } });
  expect(needOf(5, 0).likely).toEqual({ bytes: 5, inodes: 0 });
});

test("marginBytes: a twentieth of a small file system, 64 MiB of a large one", () => {
  expect(marginBytes(40 * 2 ** 20)).toBe(2 * 2 ** 20);
  expect(marginBytes(2 ** 40)).toBe(64 * 2 ** 20);
});
