import { describe, expect, test } from "vitest";
import { plainText } from "../../../../functions/cli/terminal/plain-text.ts";
import { cut, table } from "../../../../functions/cli/terminal/table.ts";

describe("table", () => {
  test("aligns columns under their titles, without trailing spaces", () => {
    expect(
      table(
        ["NAME", "STATE"],
        [
          ["a", "STORED"],
          ["longer", ""],
        ],
      ),
    ).toEqual(["NAME    STATE", "a       STORED", "longer"]);
  });

  test("cuts lines to a width and loses nothing without one", () => {
    const source = "x".repeat(300);
    expect(table(["NAME", "SOURCE"], [["a", source]], 20)[1]).toBe(`a     ${"x".repeat(13)}…`);
    expect(table(["NAME", "SOURCE"], [["a", source]])[1]).toBe(`a     ${source}`);
  });
});

test("cut leaves what fits and survives no room at all", () => {
  expect(cut("abc", 3)).toBe("abc");
  expect(cut("abcd", 3)).toBe("ab…");
  expect(cut("abcd", 0)).toBe("…");
});

describe("plainText", () => {
  test("escapes what a terminal would obey", () => {
    expect(plainText("a\u001b[2Jb\r\nc\u0007\u009b1m")).toBe(String.raw`a\x1b[2Jb\x0d\x0ac\x07\x9b1m`);
  });

  test("escapes what changes the direction or ends the line", () => {
    expect(plainText("\u202egpj.exe\u2028\u2066")).toBe(String.raw`\u202egpj.exe\u2028\u2066`);
  });

  test("leaves quotes, backslashes and letters of any script", () => {
    expect(plainText(String.raw`"é\ü" 名前`)).toBe(String.raw`"é\ü" 名前`);
  });
});
