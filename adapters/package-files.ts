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
 * The file to start a thread or a process from. Deno runs the sources; Node runs the bundle that the build made of them,
 * also when the caller itself is run from the sources (tests).
 * @param entry path below the package without its ending, as `adapters/layers/remove-thread`; one that is bundled
 */
export function entryFile(entry: string): string {
  return "Deno" in globalThis ? `${packageRoot}${entry}.ts` : `${packageRoot}dist/bin/${basename(entry)}.cjs`;
}
