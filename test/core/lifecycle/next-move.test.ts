import { describe, expect, test } from "vitest";
import {
  GONE,
  isActMove,
  isLegal,
  isMove,
  MOVES,
  ruleOf,
  STATES,
  type State,
  TARGETS,
  type Target,
} from "../../../core/lifecycle/image.ts";
import { fallbackOf, isResting, nextMove, refusalOf } from "../../../core/lifecycle/next-move.ts";

const pairs = STATES.flatMap((state) => TARGETS.map((target) => [state, target] as const));

/** The states that following `nextMove` leads through, without the first; gives up when it goes in circles. */
function walk(state: State, target: Target): (State | typeof GONE)[] {
  const passed: (State | typeof GONE)[] = [];
  for (let at = state, move = nextMove(at, target); move !== null; move = nextMove(at, target)) {
    const to = ruleOf(move).to;
    passed.push(to);
    if (to === GONE) return passed;
    if (passed.length > STATES.length) throw new Error(`${state} towards ${target} goes in circles: ${passed.join()}`);
    at = to;
  }
  return passed;
}

describe("nextMove", () => {
  test.each(pairs)("from %s towards %s is legal there, or null", (state, target) => {
    const move = nextMove(state, target);
    expect(move === null || isLegal(move, state)).toBe(true);
  });

  test.each(pairs)(
    "from %s leads to %s within as many moves as there are states, or is refused by name",
    (state, target) => {
      const end = walk(state, target).at(-1) ?? state;
      const isRefused = refusalOf(state, target) !== null;
      if (isRefused) expect(end).toBe(GONE);
      else if (state === "FAILED" && target !== "REMOVED") expect(end).toBe("FAILED");
      else expect(end).toBe(target === "REMOVED" ? GONE : target);
    },
  );

  test("from FAILED, what a person may do leads to every target", () => {
    for (const target of TARGETS) {
      expect(isLegal("retry", "FAILED")).toBe(true);
      expect(walk("NEW", target).at(-1)).toBe(target === "REMOVED" ? GONE : target);
    }
  });

  test("never names a move that only a person or an observation makes", () => {
    for (const [state, target] of pairs) {
      const move = nextMove(state, target);
      if (move !== null) expect(["swap", "act"]).toContain(ruleOf(move).kind);
    }
  });

  test("the way to ACTIVE passes every state of the fetch in order", () => {
    expect(walk("NEW", "ACTIVE")).toEqual([
      "DOWNLOADING",
      "DOWNLOADED",
      "UNPACKING",
      "UNPACKED",
      "STORED",
      "ACTIVATING",
      "ACTIVE",
    ]);
  });

  test("a removal never runs an act of the way up", () => {
    const actsOfTheWayUp = ["finish-download", "finish-unpack", "store", "finish-activate"];
    for (const state of STATES) expect(actsOfTheWayUp).not.toContain(nextMove(state, "REMOVED"));
  });
});

describe("isResting", () => {
  test("a row rests at its target and in FAILED, and nowhere else", () => {
    const resting = pairs.filter(([state, target]) => isResting(state, target)).map((pair) => pair.join(" "));
    expect(new Set(resting)).toEqual(new Set(["STORED STORED", "ACTIVE ACTIVE", "FAILED STORED", "FAILED ACTIVE"]));
  });
});

describe("fallbackOf", () => {
  test.each(Object.keys(MOVES).filter(isMove).filter(isActMove))(
    "of %s is legal wherever the act is, or there is none",
    (act) => {
      const fallback = fallbackOf(act);
      if (fallback === null) return;
      expect(ruleOf(fallback).kind).toBe("fallback");
      for (const state of ruleOf(act).from) expect(isLegal(fallback, state)).toBe(true);
    },
  );

  test("every fallback edge belongs to an act of its state", () => {
    for (const fallback of ["give-up", "keep-active"] as const) {
      for (const state of ruleOf(fallback).from) {
        const acts = Object.keys(MOVES).filter(isMove).filter(isActMove);
        expect(acts.filter((act) => isLegal(act, state)).map(fallbackOf)).toEqual([fallback]);
      }
    }
  });

  test("of finish-remove there is none: a removal is tried until it is done", () => {
    expect(fallbackOf("finish-remove")).toBeNull();
  });
});

describe("refusalOf", () => {
  test("refuses to come back from REMOVING, by the move that is under way, and nothing else", () => {
    const refused = pairs.filter(([state, target]) => refusalOf(state, target) !== null);
    expect(refused).toEqual([
      ["REMOVING", "STORED"],
      ["REMOVING", "ACTIVE"],
    ]);
    expect(refusalOf("REMOVING", "ACTIVE")).toBe("finish-remove");
  });
});
