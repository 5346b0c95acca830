import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fairBatch, oldestShare } from "../../../adapters/libsql/fair-batch.ts";

interface Row {
  readonly id: number;
  readonly priority: number;
  readonly dueAtMs: number;
}

const row = fc.record({ id: fc.nat(), priority: fc.nat(2), dueAtMs: fc.nat(1000) });
const rows = fc.uniqueArray(row, { selector: ({ id }) => id, maxLength: 60 });

/** What the database would answer. */
function seeks(all: readonly Row[], limit: number): readonly [Row[], Row[]] {
  const byAge = all.toSorted((a, b) => a.dueAtMs - b.dueAtMs);
  return [byAge.toSorted((a, b) => a.priority - b.priority).slice(0, limit + 1), byAge.slice(0, oldestShare(limit))];
}

describe("fairBatch", () => {
  it("gives as many rows as there are, at most the limit, each once", () => {
    fc.assert(
      fc.property(rows, fc.integer({ min: 1, max: 20 }), (all, limit) => {
        const ids = fairBatch(...seeks(all, limit), limit).map(({ id }) => id);
        expect(new Set(ids).size).toBe(ids.length);
        expect(ids).toHaveLength(Math.min(limit, all.length));
      }),
    );
  });

  it("always has the oldest row", () => {
    fc.assert(
      fc.property(rows, fc.integer({ min: 1, max: 20 }), (all, limit) => {
        const [byPriority, oldest] = seeks(all, limit);
        const batch = fairBatch(byPriority, oldest, limit);
        expect(batch.slice(0, limit)).toEqual(expect.arrayContaining(oldest));
      }),
    );
  });

  it("begins with the most urgent ones", () => {
    const urgent = Array.from({ length: 8 }, (_, id) => ({ id }));
    const old = { id: 99 };
    expect(fairBatch(urgent, [old], 4).map(({ id }) => id)).toEqual([0, 1, 2, 99]);
  });
});
