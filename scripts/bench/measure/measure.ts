import { spawn } from "node:child_process";
import { once } from "node:events";
import type { Command } from "../contestant.ts";
import { childrenCpu } from "./children-cpu.ts";
import { ProcessTree, type TreeMemory } from "./process-tree.ts";

/** How often the process tree is looked at, in milliseconds. */
export const SAMPLE_MS = 20;

/** What a command and everything it started took. */
export interface Measurement extends TreeMemory {
  readonly wallMs: number;
  /** Of all processes of the tree that were waited for; not the kernel's threads that write pages back. */
  readonly userMs: number;
  readonly systemMs: number;
  /** How long its last sync took, where it says so (a line `sync-us N`). */
  readonly syncMs: number | null;
}

/**
 * Runs a command in a session of its own and measures it until it and all it started have ended.
 * @throws {Error} with the end of what it said, when it does not exit with 0; what `stop` is aborted with
 */
export async function measure({ file, args, env }: Command, stop: AbortSignal): Promise<Measurement> {
  stop.throwIfAborted();
  const before = childrenCpu();
  const startedAtMs = performance.now();
  const child = spawn(file, args, { env: env ?? process.env, detached: true, stdio: ["ignore", "pipe", "pipe"] });
  const tree = new ProcessTree(child.pid ?? 0);
  const kill = (): void => tree.kill();
  stop.addEventListener("abort", kill);
  const said: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => said.push(chunk));
  const timer = setInterval(() => tree.look(), SAMPLE_MS);
  try {
    const [exitCode]: (number | null)[] = await once(child, "exit");
    const wallMs = performance.now() - startedAtMs;
    const after = childrenCpu();
    const words = Buffer.concat(said).toString();
    stop.throwIfAborted();
    if (exitCode !== 0) throw new Error(`${file}: exit ${exitCode}: ${words.slice(-2000)}`);
    const syncUs = /^sync-us (\d+)$/m.exec(words)?.[1];
    return {
      wallMs,
      userMs: after.userMs - before.userMs,
      systemMs: after.systemMs - before.systemMs,
      syncMs: syncUs === undefined ? null : Number(syncUs) / 1000,
      ...tree.memory(),
    };
  } finally {
    clearInterval(timer);
    stop.removeEventListener("abort", kill);
    await tree.end();
  }
}
