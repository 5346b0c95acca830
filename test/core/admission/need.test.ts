import { expect, test } from "vitest";
import { marginBytes, needLeft, needOf, nextPartBytes } from "../../../core/admission/need.ts";

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

const MB = 2 ** 20;

test("needLeft: at the beginning what needOf says, later less by what is fetched and unpacked", () => {
  const begun = { fetchedBytes: 0, totalBytes: 10 * MB, unpackedBytes: 0, plainBytes: 0 };
  expect(needLeft(begun)).toEqual(needOf(10 * MB, 10 * MB));
  expect(needLeft({ ...begun, fetchedBytes: 3 * MB, unpackedBytes: 2 * MB, plainBytes: 6 * MB })).toEqual(
    needOf(7 * MB, 8 * MB),
  );
});

test("needLeft: once enough is unpacked, the archive's own growth takes the place of experience", () => {
  const half = { fetchedBytes: 5 * MB, totalBytes: 10 * MB, unpackedBytes: 5 * MB };
  expect(needLeft({ ...half, plainBytes: 100 * MB }).likely.bytes).toBe(5 * MB + 20 * 5 * MB);
  expect(needLeft({ ...half, plainBytes: 8 * MB }).likely.bytes).toBe(5 * MB + 8 * MB);
  expect(needLeft({ ...half, plainBytes: 100 * MB }).least.bytes).toBe(10 * MB);
});

test("needLeft: of a source that does not say how much will come, for sure what has come, likely a part more", () => {
  const unknown = { fetchedBytes: 100 * MB, totalBytes: null, unpackedBytes: 90 * MB, plainBytes: 180 * MB };
  expect(nextPartBytes(100 * MB)).toBe(50 * MB);
  expect(needLeft(unknown).least.bytes).toBe(10 * MB);
  expect(needLeft(unknown).likely.bytes).toBe(50 * MB + 2 * 60 * MB);
  expect(nextPartBytes(0)).toBe(4 * MB);
});

test("marginBytes: a twentieth of a small file system, 64 MiB of a large one", () => {
  expect(marginBytes(40 * 2 ** 20)).toBe(2 * 2 ** 20);
  expect(marginBytes(2 ** 40)).toBe(64 * 2 ** 20);
});
