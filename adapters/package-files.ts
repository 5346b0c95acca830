import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The package's directory, whether this file runs from the sources or from `dist/`. */
export const packageRoot: string = findRoot();

function findRoot(): string {
  const here = import.meta.url;
  const up = existsSync(fileURLToPath(new URL("../package.json", here))) ? "../" : "../../";
  return fileURLToPath(new URL(up, here));
}

/**
 * The file to start a thread or a process from. Deno runs the sources; Node runs what `tsc -b` made of them, also when
 * the caller itself is run from the sources (tests).
 * @param entry path below the package without its ending, as `adapters/layers/extractor/extractor`
 */
export function entryFile(entry: string): string {
  return "Deno" in globalThis ? `${packageRoot}${entry}.ts` : `${packageRoot}dist/${entry}.js`;
}
