import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { Contender } from "../../../scripts/bench/contest.ts";
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

test("reportOf gives medians of each, and our ratio to each of theirs: of the medians and of the runs of one round", () => {
  const contender = (name: string, role: Contender["contestant"]["role"], wallsMs: readonly number[]): Contender => ({
    contestant: { name, role, needs: {}, command: () => ({ file: name, args: [] }) },
    runs: wallsMs.map((wallMs) => ({
      wallMs,
      userMs: wallMs / 2,
      systemMs: 50,
      syncMs: role === "theirs" ? 7 : null,
      peakBytes: 3 * 2 ** 20,
      largestProcessBytes: 2 ** 21,
    })),
  });
  const lines = reportOf([
    contender("imgstore", "ours", [300, 100, 1000]),
    contender("nothing", "floor", [1, 2, 3]),
    contender("pipe", "theirs", [100, 200, 400]),
  ]);
  expect(lines).toEqual([
    "                  wall ms     least      most   sync ms   user ms system ms  peak MiB   one MiB",
    "pipe                  200       100       400         7       100        50         3         2",
    "imgstore              300       100      1000         -       150        50         3         2",
    "(floor) nothing         2         1         3         -         1        50         3         2",
    "1.50 of the wall time (runs: 2.50, 0.50 to 3.00), 1.33 of the processor time: imgstore / pipe",
  ]);
});
