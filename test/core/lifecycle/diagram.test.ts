import { expect, test } from "vitest";
import { lifecycleDiagram } from "../../../core/lifecycle/diagram.ts";
import { edges, GONE, STATES } from "../../../core/lifecycle/image.ts";

test("lifecycleDiagram shows each edge of the table once, the registration, and nothing else", () => {
  const [head, ...lines] = lifecycleDiagram().trimEnd().split("\n");
  const shown = lines.map((line) => /^ {4}(\S+) --> (\S+): (\S+)$/.exec(line)?.slice(1, 4));
  const wanted = edges().map(([move, from, to]) => [from, to === GONE ? "[*]" : to, move]);
  expect(head).toBe("stateDiagram-v2");
  expect(shown).toEqual([["[*]", "NEW", "register"], ...wanted]);
});

test("lifecycleDiagram shows every state", () => {
  for (const state of STATES) expect(lifecycleDiagram()).toMatch(new RegExp(`\\b${state}\\b`));
});
