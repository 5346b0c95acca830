import { existsSync } from "node:fs";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";

/** The package's directory, whether this file runs from the sources or from `dist/`. */
export const packageRoot: string = findRoot();

function findRoot(): string {
  const here = import.meta.url;
  const up = existsSync(fileURLToPath(new URL("../package.json", here))) ? "../" : "../../";
  return fileURLToPath(new URL(up, here));
}

/**
 * The file of a module that another program loads. Deno runs the sources; Node runs what `tsc -b` made of them, also when
 * the caller itself is run from the sources (tests).
 * @param module path below the package without its ending, as `adapters/sources/sources`
 */
export function moduleFile(module: string): string {
  return isDeno ? `${packageRoot}${module}.ts` : `${packageRoot}dist/${module}.js`;
}

/**
 * The file that a thread or a process of our own starts from: as `moduleFile`, with all that it imports in few files where
 * there is a bundle.
 */
export function entryFile(entry: Entry): string {
  return isDeno ? moduleFile(entry) : `${packageRoot}dist/bin/${basename(entry)}.cjs`;
}

/** What is started as a thread or a process of its own, as paths below the package without their ending. */
export const ENTRIES = [
  "adapters/layers/extractor/extractor",
  "adapters/layers/extractor/tree-thread",
  "adapters/layers/extractor/probe",
  "adapters/layers/remove-thread",
  "adapters/layers/compare/compare-thread",
] as const;

export type Entry = (typeof ENTRIES)[number];

const isDeno = "Deno" in globalThis;
