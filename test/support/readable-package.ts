import { cpSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "../../adapters/package-files.ts";

/** What the adapters of layers and mounts need to run. */
const PARTS = ["package.json", "dist/core", "dist/adapters", "dist/bin", "node_modules/koffi", "node_modules/@koromix"];

/**
 * Copies as much of the built package as the adapters need, so that another user can run it wherever the tests lie: a
 * checkout under /root is closed to everybody else.
 * @returns the URL of a built file of the copy, by its path below `dist/`
 */
export function copyPackage(directory: string): (file: string) => string {
  for (const part of PARTS) cpSync(join(packageRoot, part), join(directory, part), { recursive: true });
  return (file) => `file://${directory}/dist/${file}`;
}
