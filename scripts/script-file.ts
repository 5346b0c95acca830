import { packageRoot } from "../adapters/package-files.ts";

/** A script as Node runs it: what `tsc -b` made of it, also when the caller itself is run from the sources (tests). */
export function scriptFile(script: string): string {
  return `${packageRoot}dist/scripts/${script}.js`;
}
