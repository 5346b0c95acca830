import { afterAll, describe, expect, test, vi } from "vitest";
import { ENOUGH_FOR_A_THREAD } from "../support/hostile/mutations.ts";
import { Surroundings } from "../support/hostile/surroundings.ts";
import { unpackCase } from "../support/hostile/unpack-case.ts";
import { HOSTILE_CASES } from "./cases/all.ts";
import { symbolicLinks } from "./cases/symbolic-links.ts";

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

describe("an archive large enough for a thread of its own", () => {
  for (const { name, archive, outcome } of symbolicLinks(around.targets)) {
    if (typeof archive === "function") continue;
    const large = Buffer.concat([archive, ENOUGH_FOR_A_THREAD]);
    test.concurrent(name, () => unpackCase(around, { name, archive: large, outcome }));
  }
});
