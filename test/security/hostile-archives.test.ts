import { afterAll, describe, expect, test, vi } from "vitest";
import { Surroundings } from "../support/hostile/surroundings.ts";
import { unpackCase } from "../support/hostile/unpack-case.ts";
import { HOSTILE_CASES } from "./cases/all.ts";

// no archive may keep its unpacking from ending; on a busy machine every process and every sync takes its time
vi.setConfig({ testTimeout: 60_000 });

const around = new Surroundings();

afterAll(() => {
  const left = around.staged();
  around.remove();
  expect(left).toEqual([]);
});

for (const [attackClass, cases] of Object.entries(HOSTILE_CASES)) {
  describe(attackClass, () => {
    for (const hostile of cases(around.targets)) test.concurrent(hostile.name, () => unpackCase(around, hostile));
  });
}
