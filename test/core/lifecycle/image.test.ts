import { describe, expect, test } from "vitest";
import {
  edges,
  GONE,
  isActMove,
  isLegal,
  isMove,
  MOVES,
  type Move,
  ruleOf,
  STATES,
} from "../../../core/lifecycle/image.ts";

const moves = Object.keys(MOVES).filter(isMove);

describe("MOVES", () => {
  test.each(moves)("%s leads from known states to a known state that is none of them", (move) => {
    const rule = ruleOf(move);
    expect(rule.from.length).toBeGreaterThan(0);
    expect(STATES).toEqual(expect.arrayContaining([...rule.from]));
    expect([...STATES, GONE]).toContain(rule.to);
    expect(rule.from).not.toContain(rule.to);
  });

  test("no two edges lead from one state to the same state, so a history row names its move", () => {
    const pairs = edges().map(([, from, to]) => `${from} ${to}`);
    expect(new Set(pairs).size).toBe(pairs.length);
  });

  test("every state is reachable from NEW", () => {
    const reached = new Set<string>(["NEW"]);
    for (let before = 0; before < reached.size; ) {
      before = reached.size;
      for (const [, from, to] of edges()) if (reached.has(from)) reached.add(to);
    }
    expect(reached).toEqual(new Set([...STATES, GONE]));
  });

  test("FAILED is left only by a person's word or by removing", () => {
    expect(edges().filter(([, from]) => from === "FAILED")).toEqual([
      ["begin-remove", "FAILED", "REMOVING"],
      ["retry", "FAILED", "NEW"],
    ]);
  });

  test("FAILED is entered by giving up alone, and never by what may be mounted after it", () => {
    const entries = edges().filter(([, , to]) => to === "FAILED");
    expect(new Set(entries.map(([move]) => move))).toEqual(new Set(["give-up"]));
    expect(entries.map(([, from]) => from)).not.toContain("DEACTIVATING");
  });

  test("a mount that stays busy is ACTIVE again", () => {
    expect(edges().filter(([move]) => move === "keep-active")).toEqual([["keep-active", "DEACTIVATING", "ACTIVE"]]);
  });

  test("REMOVING has one way out, and it ends the row", () => {
    expect(edges().filter(([, from]) => from === "REMOVING")).toEqual([["finish-remove", "REMOVING", GONE]]);
  });

  test("a state with an act has exactly one, so a claim need not choose", () => {
    const acts = edges().filter(([move]) => isActMove(move));
    expect(new Set(acts.map(([, from]) => from)).size).toBe(acts.length);
  });

  test("only begin-deactivate and begin-remove take a row from a live claim", () => {
    expect(moves.filter((move) => ruleOf(move).overrulesLease)).toEqual(["begin-deactivate", "begin-remove"]);
  });

  test("what may have a mount is never removed without being deactivated first", () => {
    for (const state of ["ACTIVATING", "ACTIVE", "DEACTIVATING"] as const) {
      expect(isLegal("begin-remove", state)).toBe(false);
    }
  });
});

describe("edges", () => {
  test("lists a move from a state if and only if isLegal says so", () => {
    const listed = new Set(edges().map(([move, from]) => `${move} ${from}`));
    const legal = moves.flatMap((move: Move) =>
      STATES.filter((state) => isLegal(move, state)).map((state) => `${move} ${state}`),
    );
    expect(listed).toEqual(new Set(legal));
  });
});

describe("isMove", () => {
  test.each(["", "BEGIN-DOWNLOAD", "begin_download", "register", "toString", "__proto__", "constructor"])(
    "refuses %o",
    (name) => {
      expect(isMove(name)).toBe(false);
    },
  );
});
