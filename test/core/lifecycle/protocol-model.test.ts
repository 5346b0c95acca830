import * as fc from "fast-check";
import { expect, test } from "vitest";
import { edges, GONE, isActMove, isMove, MOVES, STATES, TARGETS } from "../../../core/lifecycle/image.ts";
import { isResting, nextMove } from "../../../core/lifecycle/next-move.ts";
import {
  claimed,
  type ModelRow,
  type ModelSeen,
  NEW_ROW,
  released,
  retargeted,
  settled,
  swapped,
} from "../../support/lifecycle-model.ts";

/** One thing that may happen to a row; `age` says how many rows ago its maker looked (0: it is up to date). */
const happening = fc.record({
  age: fc.nat({ max: 3 }),
  act: fc.oneof(
    fc.record({ kind: fc.constant("swap" as const), move: fc.constantFrom(...Object.keys(MOVES).filter(isMove)) }),
    fc.record({ kind: fc.constantFrom("claim" as const, "release" as const, "advance" as const) }),
    fc.record({ kind: fc.constant("settle" as const), isDone: fc.boolean() }),
    fc.record({ kind: fc.constant("retarget" as const), target: fc.constantFrom(...TARGETS) }),
    // a crash: whoever was at it says nothing, and the same is tried again later
    fc.record({ kind: fc.constant("crash" as const) }),
  ),
});

type Happening = typeof happening extends fc.Arbitrary<{ age: number; act: infer Act }> ? Act : never;

/** The row after one thing happened; swaps of act and fallback moves never come without a claim. */
function after(row: ModelRow, seen: ModelSeen, what: Happening): ModelRow {
  switch (what.kind) {
    case "swap":
      return ["swap", "observed", "person"].includes(MOVES[what.move].kind) ? swapped(row, seen, what.move) : row;
    case "advance":
      return advanced(row);
    case "claim":
      return claimed(row, seen);
    case "settle":
      return settled(row, seen, what.isDone);
    case "release":
      return released(row, seen);
    case "retarget":
      return retargeted(row, what.target);
    case "crash":
      return row;
  }
}

/** The row after its next move was made by a worker that is alone: a swap, or claim and settle. */
function advanced(row: ModelRow): ModelRow {
  if (row.state === GONE) return row;
  const move = nextMove(row.state, row.target);
  if (move === null) return row;
  if (!isActMove(move)) return swapped(row, row, move);
  const held = row.isHeld ? row : claimed(row, row);
  return settled(held, held, true);
}

/** Every row that the sequence led through, first to last. */
function play(happenings: readonly { age: number; act: Happening }[]): ModelRow[] {
  const rows = [NEW_ROW];
  for (const { age, act } of happenings) {
    const row = rows.at(-1) ?? NEW_ROW;
    rows.push(after(row, rows.at(-1 - age) ?? NEW_ROW, act));
  }
  return rows;
}

const sequence = fc.array(happening, { maxLength: 60 });
const knownEdges = new Set(edges().map(([, from, to]) => `${from} ${to}`));

test("no sequence of moves, target changes and crashes makes a step that is not in the table", () => {
  fc.assert(
    fc.property(sequence, (happenings) => {
      const rows = play(happenings);
      for (const [at, row] of rows.entries()) {
        const before = rows[at - 1] ?? row;
        expect([...STATES, GONE]).toContain(row.state);
        if (row.state === before.state) expect(row.version).toBe(before.version);
        else {
          expect(knownEdges).toContain(`${before.state} ${row.state}`);
          expect(row.version).toBe(before.version + 1);
        }
      }
    }),
    { numRuns: 2000 },
  );
});

test("no sequence strands a row: left to one worker it comes to its target, to FAILED or to its end", () => {
  fc.assert(
    fc.property(sequence, (happenings) => {
      let row = play(happenings).at(-1) ?? NEW_ROW;
      for (let step = 0; step < STATES.length && row.state !== GONE; step++) row = advanced(row);
      if (row.state === GONE) return;
      expect(isResting(row.state, row.target)).toBe(true);
      expect([row.target, "FAILED"]).toContain(row.state);
    }),
    { numRuns: 2000 },
  );
});

test("a lost swap, claim, settle or release changes nothing", () => {
  fc.assert(
    fc.property(sequence, happening, (happenings, last) => {
      const rows = play(happenings);
      const row = rows.at(-1) ?? NEW_ROW;
      const stale = rows.find((seen) => seen.version !== row.version || seen.fence !== row.fence);
      fc.pre(stale !== undefined && last.act.kind !== "retarget" && last.act.kind !== "advance");
      expect(after(row, stale, last.act)).toBe(row);
    }),
    { numRuns: 2000 },
  );
});

test("of two writers that read the same row, at most one wins", () => {
  fc.assert(
    fc.property(sequence, happening, happening, (happenings, one, other) => {
      const row = play(happenings).at(-1) ?? NEW_ROW;
      const kinds = new Set(["swap", "claim", "settle", "release"]);
      fc.pre(kinds.has(one.act.kind) && kinds.has(other.act.kind));
      const first = after(row, row, one.act);
      const second = after(first, row, other.act);
      expect(first === row || second === first).toBe(true);
    }),
    { numRuns: 2000 },
  );
});

test("the counters never go back, and the generation counts the target alone", () => {
  fc.assert(
    fc.property(sequence, (happenings) => {
      const rows = play(happenings);
      for (const [at, row] of rows.entries()) {
        const before = rows[at - 1] ?? row;
        expect(row.version).toBeGreaterThanOrEqual(before.version);
        expect(row.fence).toBeGreaterThanOrEqual(before.fence);
        expect(row.generation - before.generation).toBeLessThanOrEqual(Number(row.target !== before.target));
      }
    }),
  );
});
