import { describe, expect, test } from "vitest";
import { checkModel } from "../../scripts/faults/model/check-model.ts";
import { MUTANTS } from "../../scripts/faults/model/mutants.ts";
import { checkStore } from "../../scripts/faults/model/store/check-store.ts";

const directory = "/dev/shm";

/** Draws the same races every time; `npm run faults:model-check` draws others. */
const SEED = 1;

/** Of all mutants those that few races find; `npm run faults:model-check -- --mutants` tries every one. */
const QUICK = [
  "a claim that does not bump the fence",
  "a claim whose verdict takes another's for its own",
  "a settle that computes no due time from the target",
  "a settle that keeps what was reserved",
  "a heartbeat that revives",
  "a reservation by a claim that ran out",
];

test("no race of sweeps, people and collections over a real store leaves it other than its rows say", async () => {
  const { schedules, steps, coverage, counterexample } = await checkStore({ directory, schedules: 6, seed: SEED });
  console.log(`${schedules} races over stores, ${steps} steps`);
  expect(counterexample).toBe(null);
  expect(coverage.counts.get("move finish-remove")).toBeGreaterThan(0);
}, 180_000);

test("no race of workers, people and collections breaks a promise of the protocol", async () => {
  const { schedules, steps, coverage, counterexample } = await checkModel({ directory, schedules: 100, seed: SEED });
  console.log(`${schedules} races, ${steps} steps`);
  expect(counterexample).toBe(null);
  expect(coverage.missing).toEqual([]);
}, 180_000);

describe("checkModel finds", () => {
  const mutants = MUTANTS.filter(({ name }) => QUICK.includes(name));

  test.each(mutants)(
    "$name",
    async (mutant) => {
      const { counterexample } = await checkModel({ directory, schedules: 100, seed: SEED, mutant });
      expect(counterexample).not.toBe(null);
    },
    180_000,
  );

  test("only what is there to be broken", () => {
    expect(mutants).toHaveLength(QUICK.length);
  });
});
