import * as fc from "fast-check";
import { expect, test } from "vitest";
import { BACKOFF_BASE_MS, backoffMs } from "../../../core/protocol/backoff.ts";

const attempts = fc.integer({ min: 1, max: 2 ** 31 });
const caps = fc.nat({ max: 86_400_000 });
const chances = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

test("backoffMs is a whole number from 0 to the cap, for every attempt and chance", () => {
  fc.assert(
    fc.property(attempts, caps, chances, (attempt, maxMs, random) => {
      const delayMs = backoffMs(attempt, maxMs, random);
      expect(Number.isSafeInteger(delayMs)).toBe(true);
      expect(delayMs).toBeGreaterThanOrEqual(0);
      expect(delayMs).toBeLessThanOrEqual(maxMs);
    }),
  );
});

test("backoffMs never falls with the attempt, at the same chance", () => {
  fc.assert(
    fc.property(attempts, caps, chances, (attempt, maxMs, random) => {
      expect(backoffMs(attempt + 1, maxMs, random)).toBeGreaterThanOrEqual(backoffMs(attempt, maxMs, random));
    }),
  );
});

test.each([1, 2, 3, 4, 7])("backoffMs of attempt %i spreads over the whole doubled bound (full jitter)", (attempt) => {
  const bound = BACKOFF_BASE_MS * 2 ** (attempt - 1);
  expect(backoffMs(attempt, 1e9, 0)).toBe(0);
  expect(backoffMs(attempt, 1e9, 0.5)).toBe(bound / 2);
  expect(backoffMs(attempt, 1e9, 1 - 2 ** -53)).toBe(bound);
});

test("backoffMs takes an attempt below 1 for the first", () => {
  expect(backoffMs(0, 1e9, 0.5)).toBe(backoffMs(1, 1e9, 0.5));
});
