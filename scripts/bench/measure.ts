import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";

/** How often the process tree is looked at, in milliseconds: what a process burnt after its last sample is not seen. */
export const SAMPLE_MS = 25;

const CLOCK_TICK_MS = 10;
const PAGE_BYTES = 4096;

/** What a command and everything it started took. */
export interface Measurement {
  readonly wallMs: number;
  /** User and system time of all processes, by samples. */
  readonly cpuMs: number;
  /** Largest sum of the resident sets, by samples; shared pages count in each process. */
  readonly peakRssBytes: number;
}

/**
 * Runs a command in a session of its own and measures it until it ends.
 * @throws {Error} with the end of what it said, when it does not exit with 0
 */
export async function measure(
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  stop: AbortSignal,
): Promise<Measurement> {
  stop.throwIfAborted();
  const startedAtMs = performance.now();
  const child = spawn(command, args, { env, detached: true, stdio: ["ignore", "pipe", "pipe"] });
  const session = child.pid ?? 0;
  const kill = (): boolean => process.kill(-session, "SIGKILL");
  stop.addEventListener("abort", kill);
  const said: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => said.push(chunk));
  const tree = watchSession(session);
  try {
    const [exitCode]: (number | null)[] = await once(child, "exit");
    const wallMs = performance.now() - startedAtMs;
    if (exitCode !== 0) throw new Error(`${command}: exit ${exitCode}: ${Buffer.concat(said).toString().slice(-2000)}`);
    return { wallMs, ...tree.stop() };
  } finally {
    tree.stop();
    stop.removeEventListener("abort", kill);
  }
}

function watchSession(session: number): { stop: () => Omit<Measurement, "wallMs"> } {
  const ticks = new Map<number, number>();
  let peakRssBytes = 0;
  const timer = setInterval(() => {
    let rssPages = 0;
    for (const entry of readdirSync("/proc")) {
      const seen = /^\d+$/.test(entry) ? lookAt(entry) : null;
      if (seen?.session !== session) continue;
      ticks.set(Number(entry), seen.ticks);
      rssPages += seen.rssPages;
    }
    peakRssBytes = Math.max(peakRssBytes, rssPages * PAGE_BYTES);
  }, SAMPLE_MS);
  return {
    stop: () => {
      clearInterval(timer);
      return { cpuMs: CLOCK_TICK_MS * [...ticks.values()].reduce((sum, each) => sum + each, 0), peakRssBytes };
    },
  };
}

/** Of /proc/PID/stat; null when the process is gone. @see proc(5) */
function lookAt(pid: string): { session: number; ticks: number; rssPages: number } | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    // the name stands in parentheses and may hold anything: the fields after it begin with the state, field 3
    const fields = stat
      .slice(stat.lastIndexOf(")") + 2)
      .split(" ")
      .map(Number);
    const field = (number: number): number => fields[number - 3] ?? 0;
    return { session: field(6), ticks: field(14) + field(15), rssPages: field(24) };
  } catch {
    return null; // it ended between the listing and the look
  }
}
