import { readdirSync, readFileSync } from "node:fs";
import { posix } from "node:path";
import { describe, expect, test } from "vitest";
import { packageRoot } from "../adapters/package-files.ts";

/** What each area may import: areas of this package by their folder, packages by name, `node:` for all of Node's. */
const MAY_IMPORT = {
  core: ["core", "valibot"],
  adapters: ["adapters", "core", "packages", "node:"],
  functions: ["functions", "core", "hono", "valibot"],
  "functions/cli": ["functions/cli", "functions", "functions/runtimes", "core", "packages", "node:"],
  "functions/runtimes": ["functions/runtimes", "functions", "adapters", "core", "packages", "node:"],
  "scripts/faults": [
    "scripts/faults",
    "scripts",
    "core",
    "adapters",
    "functions",
    "functions/runtimes",
    "packages",
    "node:",
  ],
  scripts: ["scripts", "core", "adapters", "functions/runtimes", "packages", "node:"],
} as const;

type Area = keyof typeof MAY_IMPORT;

const AREAS = Object.keys(MAY_IMPORT).filter(isArea);
const sources = ["core", "adapters", "functions", "scripts"].flatMap(typeScriptIn).toSorted();

describe("imports", () => {
  test("the search sees the tree", () => {
    expect(sources).toContain("core/lifecycle/image.ts");
    expect(importsOf("core/lifecycle/next-move.ts")).toEqual(["./image.ts"]);
    expect(new Set(sources.map(areaOf)).size).toBe(AREAS.length);
  });

  test.each(sources)("%s imports only what its folder may", (file) => {
    const allowed: readonly string[] = MAY_IMPORT[areaOf(file)];
    const strays = importsOf(file).filter((specifier) => !isAllowed(file, specifier, allowed));
    expect(strays).toEqual([]);
  });

  test.each(sources)("%s names its own files with their endings and reaches no test", (file) => {
    for (const specifier of importsOf(file).filter((name) => name.startsWith("."))) {
      expect(specifier).toMatch(/\.ts$/);
      expect(posix.join(posix.dirname(file), specifier)).not.toMatch(/^test\//);
    }
  });
});

describe("files", () => {
  test("there is no barrel: every import says where a thing lives", () => {
    expect(sources.filter((file) => posix.basename(file) === "index.ts")).toEqual([]);
    expect(sources.filter((file) => /^export \* from/m.test(text(file)))).toEqual([]);
  });

  test("names are in kebab-case", () => {
    expect(
      sources.filter((file) => !/^(?:[a-z0-9]+(?:-[a-z0-9]+)*\/)*[a-z0-9]+(?:-[a-z0-9]+)*\.ts$/.test(file)),
    ).toEqual([]);
  });

  test.each(sources)("%s has at most 250 lines of code, or says why not", (file) => {
    const reason = /oxlint-disable max-lines -- \S/.test(text(file));
    expect(reason || linesOfCode(file) <= 250).toBe(true);
  });
});

function typeScriptIn(folder: string): string[] {
  const names = readdirSync(`${packageRoot}${folder}`, { recursive: true, encoding: "utf8" });
  return names.filter((name) => name.endsWith(".ts")).map((name) => `${folder}/${name}`);
}

function isArea(name: string): name is Area {
  return Object.hasOwn(MAY_IMPORT, name);
}

/** The most specific area that a file lies in. */
function areaOf(file: string): Area {
  const found = AREAS.filter((area) => file.startsWith(`${area}/`)).toSorted((a, b) => b.length - a.length)[0];
  if (found === undefined) throw new Error(`${file} lies in no area`);
  return found;
}

function isAllowed(file: string, specifier: string, allowed: readonly string[]): boolean {
  if (specifier.startsWith(".")) return allowed.includes(areaOf(posix.join(posix.dirname(file), specifier)));
  if (specifier.startsWith("node:")) return allowed.includes("node:");
  return allowed.includes("packages") || allowed.includes(specifier.split("/")[0] ?? "");
}

/** Every module that a file names: in imports, re-exports and imports at run time, types included. */
function importsOf(file: string): string[] {
  const code = text(file).replaceAll(/^\s*(?:\/\/|\/?\*).*$/gm, "");
  const named = /(?:^|[\s;}])(?:from|import)\s*\(?\s*(["'])([^"'\n]+)\1/g;
  return [...code.matchAll(named)].flatMap(([, , specifier]) => specifier ?? []);
}

function linesOfCode(file: string): number {
  const code = text(file).replaceAll(/\/\*.*?\*\//gs, "");
  return code.split("\n").filter((line) => line.trim() !== "" && !line.trim().startsWith("//")).length;
}

function text(file: string): string {
  return readFileSync(`${packageRoot}${file}`, "utf8");
}
