import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { packageRoot } from "../../adapters/package-files.ts";

interface Report {
  readonly wall: string;
  readonly needed: Readonly<Record<string, string>>;
  readonly attacks: Readonly<Record<string, string>>;
}

let home: string;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "imgstore-wall-"));
  for (const name of ["inside", "outside"]) mkdirSync(join(home, name));
  writeFileSync(join(home, "outside", "secret"), "secret");
});

afterEach(() => rmSync(home, { recursive: true }));

/** What an attacker behind the wall gets done. @param prefix a command that runs the rest in its own way */
function attack(...prefix: readonly string[]): Report {
  const program = [process.execPath, `${packageRoot}test/support/confined-attacker.mjs`];
  const places = [`${packageRoot}dist`, join(home, "inside"), join(home, "outside")];
  const [command = "", ...args] = [...prefix, ...program, ...places];
  return JSON.parse(execFileSync(command, args, { encoding: "utf8" }));
}

describe("a confined thread", () => {
  test("gets out by no way, and can do all that a tree is made with", () => {
    const before = readFileSync("/proc/self/mountinfo", "utf8");
    const { wall, needed, attacks } = attack();
    expect(wall).toMatch(/^detached-mount/);
    expect(Object.values(needed)).toEqual(["succeeded"]);
    const got = Object.entries(attacks).filter(([, outcome]) => !outcome.startsWith("refused"));
    expect(got).toEqual([]);
    expect(readdirSync(join(home, "outside"))).toEqual(["secret"]);
    expect(readFileSync("/proc/self/mountinfo", "utf8")).toBe(before);
  });

  test("has landlock alone for a wall where it may mount nothing", () => {
    const { wall, attacks } = attack("setpriv", "--bounding-set=-sys_admin", "--inh-caps=-sys_admin", "--");
    expect(["landlock", "none"]).toContain(wall);
    if (wall === "none") return;
    const ways = ["reads by an absolute path", "writes by an absolute path", "renames out", "links out"];
    for (const way of ways) expect(attacks[way]).toMatch(/^refused/);
  });
});
