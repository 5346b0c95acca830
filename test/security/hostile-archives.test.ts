import { afterAll, describe, test, vi } from "vitest";
import { Surroundings } from "../support/hostile/surroundings.ts";
import { unpackCase } from "../support/hostile/unpack-case.ts";
import { HOSTILE_CASES } from "./cases/all.ts";

// no archive may keep its unpacking from ending; on a busy machine every thread and every sync takes its time
vi.setConfig({ testTimeout: 30_000 });

const around = new Surroundings();

afterAll(() => around.remove());

for (const [attackClass, cases] of Object.entries(HOSTILE_CASES)) {
  describe(attackClass, () => {
    for (const hostile of cases(around.targets)) test(hostile.name, () => unpackCase(around, hostile));
  });
}
