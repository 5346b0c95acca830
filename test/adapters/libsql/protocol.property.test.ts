import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isActMove, isLegal, isMove, MOVES, ruleOf } from "../../../core/lifecycle/image.ts";
import { isResting } from "../../../core/lifecycle/next-move.ts";
import type { ImageRows } from "../../../core/ports/image-rows.ts";
import { openFreshFile } from "../../support/database-file.ts";
import { anyStep, Callers, NAMES } from "../../support/row-callers.ts";

/** What holds between any two writes. */
async function expectCoherent(images: ImageRows): Promise<void> {
  for (const each of NAMES) {
    const placement = await images.load(each);
    const history = await images.history(each, "latest");
    if (placement === null) {
      if (history.length > 0) expect(history.at(-1)).toMatchObject({ toState: "REMOVED" });
      continue;
    }
    const { state, target, dueAtMs, leaseOwner } = placement;
    expect(dueAtMs === null, `${state} with target ${target} is due at ${dueAtMs}`).toBe(isResting(state, target));
    if (leaseOwner !== null)
      expect(Object.keys(MOVES).some((move) => isMove(move) && isActMove(move) && isLegal(move, state))).toBe(true);

    const [first, ...rest] = history;
    expect(first).toMatchObject({ fromState: null, toState: "NEW", placementId: placement.id });
    let at: string = "NEW";
    for (const row of rest) {
      expect(row.fromState).toBe(at);
      if (row.fromState !== row.toState) {
        expect(row.move !== "register" && row.fromState !== null && isLegal(row.move, row.fromState)).toBe(true);
        expect(row.move !== "register" && ruleOf(row.move).to).toBe(row.toState);
      }
      at = row.toState;
    }
    expect(at).toBe(state);
    expect(rest.filter((row) => row.fromState !== row.toState)).toHaveLength(placement.version);
  }
}

describe("the protocol of the rows", () => {
  it("keeps history connected and rows due under any sequence of claims, ends, overrulings, targets and expiries", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyStep, { minLength: 10, maxLength: 60 }), async (steps) => {
        const rows = await openFreshFile();
        try {
          const callers = new Callers(rows);
          for (const each of NAMES) await callers.make({ do: "register", name: each });
          for (const each of steps) {
            await callers.make(each);
            await expectCoherent(callers.images);
          }
        } finally {
          await rows.close();
        }
      }),
      { numRuns: 40 },
    );
  }, 120_000);
});
