import { existsSync, readFileSync } from "node:fs";
import { printLine } from "./terminal/output.ts";

/** Prints the package's name and version, as package.json has them. */
export function printVersion(): void {
  const sources = new URL("../../package.json", import.meta.url);
  const file = existsSync(sources) ? sources : new URL("../../../package.json", import.meta.url);
  const { name, version }: { readonly name: string; readonly version: string } = JSON.parse(readFileSync(file, "utf8"));
  printLine(`${name} ${version}`);
}
