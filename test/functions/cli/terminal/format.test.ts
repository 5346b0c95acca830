import { describe, expect, test } from "vitest";
import { formatBytes } from "../../../../core/format-bytes.ts";
import { formatAge, formatDuration, formatRate, formatTime } from "../../../../functions/cli/terminal/format.ts";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

test.each([
  [0, "0 B"],
  [999, "999 B"],
  [1000, "1.00 kB"],
  [9994, "9.99 kB"],
  [9996, "10.0 kB"],
  [99_960, "100 kB"],
  [999_499, "999 kB"],
  [999_500, "1.00 MB"],
  [12_345_678, "12.3 MB"],
  [2 ** 53, "9.01 PB"],
])("formatBytes of %i is %s", (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});

test("formatRate says bytes a second", () => {
  expect(formatRate(5_100_000)).toBe("5.10 MB/s");
});

test.each([
  [-5, "0 ms"],
  [0, "0 ms"],
  [350.4, "350 ms"],
  [999.6, "1.0 s"],
  [4200, "4.2 s"],
  [9960, "10 s"],
  [59_400, "59 s"],
  [59_600, "1 min"],
  [3 * MINUTE + 12 * SECOND, "3 min 12 s"],
  [HOUR - 1, "1 h"],
  [2 * HOUR + 5 * MINUTE, "2 h 5 min"],
  [DAY - 1, "1 d"],
  [3 * DAY + 4 * HOUR, "3 d 4 h"],
])("formatDuration of %d ms is %s", (ms, text) => {
  expect(formatDuration(ms)).toBe(text);
});

test.each([
  [-1, "0s"],
  [59_999, "59s"],
  [MINUTE, "1m"],
  [HOUR - 1, "59m"],
  [HOUR, "1h"],
  [DAY, "1d"],
  [400 * DAY, "400d"],
])("formatAge of %i ms is %s", (ms, text) => {
  expect(formatAge(ms)).toBe(text);
});

describe("formatTime", () => {
  test("pads each part to two digits, in this machine's zone", () => {
    expect(formatTime(new Date(2026, 0, 2, 3, 4, 5).getTime())).toBe("2026-01-02 03:04:05");
  });
});
