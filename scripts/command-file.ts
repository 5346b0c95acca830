import { readFileSync } from "node:fs";
import { packageRoot } from "../adapters/package-files.ts";

/** The built command, as package.json's `bin` names it: what users run, and `scripts/bundle.ts` writes. */
export const commandFile: string = `${packageRoot}${binOf(JSON.parse(readFileSync(`${packageRoot}package.json`, "utf8")))}`;

function binOf({ bin }: { readonly bin: { readonly imgstore: string } }): string {
  return bin.imgstore;
}
