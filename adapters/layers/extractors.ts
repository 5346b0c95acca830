import { type ChildProcess, spawn } from "node:child_process";
import { Socket } from "node:net";
import { entryFile } from "../package-files.ts";

/** Starts extractors, and one before it is needed where somebody says that it will be. */
export class Extractors {
  #spare: ChildProcess | null = null;

  /** Starts one that waits for its order, and does not keep this process. */
  prepare(): void {
    if (this.#spare !== null) return;
    const spare = spawnExtractor();
    const forget = (): void => {
      if (this.#spare === spare) this.#spare = null;
    };
    spare.on("error", forget);
    spare.on("exit", forget);
    keep(spare, false);
    this.#spare = spare;
  }

  /** One that was told nothing yet: the caller's from now on. */
  take(): ChildProcess {
    const spare = this.#spare;
    if (spare === null) return spawnExtractor();
    this.#spare = null;
    keep(spare, true);
    return spare;
  }

  /** Ends the one that was never needed. */
  close(): void {
    this.#spare?.kill("SIGKILL");
  }
}

function spawnExtractor(): ChildProcess {
  return spawn(process.execPath, [...RUNTIME_ARGUMENTS, entryFile("adapters/layers/extractor/extractor")], {
    stdio: ["pipe", "pipe", "pipe"],
    // What this process was started with is about itself: certificates, inspectors, credentials.
    env: {},
    // Ctrl-C is for this process, which then decides what becomes of the other one.
    detached: true,
  });
}

/**
 * The parser's memory has limits; one that were forgotten ends the extractor, not this process. Little is kept for long
 * there: a small young generation is enough.
 */
export const RUNTIME_ARGUMENTS: readonly string[] =
  "Deno" in globalThis
    ? ["run", "--allow-all", "--no-prompt", "--v8-flags=--max-old-space-size=256"]
    : ["--max-old-space-size=256", "--max-semi-space-size=1"];

/** Whether this process stays for a child and what it says. */
function keep(child: ChildProcess, isKept: boolean): void {
  const pipes = child.stdio.filter((pipe) => pipe instanceof Socket);
  for (const part of [child, ...pipes]) {
    if (isKept) part.ref();
    else part.unref();
  }
}
