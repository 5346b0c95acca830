import * as fc from "fast-check";
import { expect, test } from "vitest";
import { median, reportOf } from "../../../scripts/bench/report.ts";

test("median has as many values below it as above", () => {
  fc.assert(
    fc.property(fc.array(fc.integer(), { minLength: 1 }), (values) => {
      const middle = median(values);
      const below = values.filter((value) => value < middle).length;
      const above = values.filter((value) => value > middle).length;
      expect(Math.max(below, above)).toBeLessThanOrEqual(values.length / 2);
    }),
  );
  expect(median([3, 1, 10, 2])).toBe(2.5);
});

test("reportOf gives our ratio to theirs, of the medians and of the pairs", () => {
  const run = (wallMs: number): { wallMs: number; cpuMs: number; peakRssBytes: number } => ({
    wallMs,
    cpuMs: 1,
    peakRssBytes: 2 ** 21,
  });
  const lines = reportOf({
    theirs: { name: "pipe", runs: [100, 200, 400].map(run) },
    ours: { name: "imgstore", runs: [300, 100, 1000].map(run) },
  });
  expect(lines).toEqual([
    "            wall ms    least     most   cpu ms peak MiB",
    "pipe            200      100      400        1        2",
    "imgstore        300      100     1000        1        2",
    "ratio of the medians 1.50, median of the 3 pairs' ratios 2.50",
  ]);
});
