import { execFile } from "node:child_process";
import { promisify } from "node:util";

const execute = promisify(execFile);

/** Runs a shell's script to its end; it fails where any part of it does. @param args `$1` and on */
export async function runScript(script: string, args: readonly string[], signal: AbortSignal): Promise<void> {
  await execute("bash", ["-c", `set -euo pipefail\n${script}`, "bash", ...args], { signal });
}
