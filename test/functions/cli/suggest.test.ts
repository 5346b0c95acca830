import { describe, expect, test } from "vitest";
import { commandWords } from "../../../functions/cli/commands.ts";
import { suggest } from "../../../functions/cli/suggest.ts";

describe("suggest", () => {
  test.each([
    ["fecth", "fetch"],
    ["stauts", "status"],
    ["lst", "list"],
    ["hist", "history"],
    ["deactivat", "deactivate"],
    ["work", "worker"],
  ])("takes %s for %s", (typed, meant) => {
    expect(suggest(typed, commandWords())).toBe(meant);
  });

  test.each(["frobnicate", "x", "", "zzzzzz"])("finds nothing near %j", (typed) => {
    expect(suggest(typed, commandWords())).toBeNull();
  });

  test("prefers the nearest", () => {
    expect(suggest("--wate", ["--write", "--wait", "--late"])).toBe("--late");
    expect(suggest("activaet", ["deactivate", "activate"])).toBe("activate");
  });
});
