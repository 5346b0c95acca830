import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";

/** Memory of a process tree, at its highest. */
export interface TreeMemory {
  /**
   * Largest sum, by samples, of what the processes hold: each one's anonymous and shared memory, and the pages of
   * program files and libraries once for each program, as all processes of it map the same ones (the most that one of
   * them has). The page cache is nobody's and is not counted. Against the exact share (`smaps_rollup`'s Pss), which takes
   * milliseconds to ask for and holds up the process meanwhile, it counts a C library of each program, and what a forked
   * shell still shares with its parent.
   */
  readonly peakBytes: number;
  /** Largest resident set of a single process: the kernel's own high-water mark, shared pages included. */
  readonly largestProcessBytes: number;
}

interface Held {
  readonly program: string;
  readonly ownBytes: number;
  readonly fileBytes: number;
}

/**
 * A process and all that descend from it, also those whose parents have ended. One look takes about 0.1 ms for each
 * member, and happens in the process of the benchmark, which does nothing else meanwhile.
 */
export class ProcessTree {
  readonly #session: string;
  readonly #members: Set<string>;
  /** Processes that were looked at and found to be somebody else's. */
  readonly #others = new Set<string>();
  #peakBytes = 0;
  #largestProcessBytes = 0;

  /** @param leader a process that leads a session of its own */
  constructor(leader: number) {
    this.#session = String(leader);
    this.#members = new Set([this.#session]);
    for (const pid of pids()) if (!this.#isMember(pid)) this.#others.add(pid);
  }

  /** Notes what the members hold now. */
  look(): void {
    this.#findMembers();
    const held = [...this.#members].flatMap((pid) => this.#lookAt(pid) ?? []);
    const filesOf = new Map<string, number>();
    for (const { program, fileBytes } of held) {
      filesOf.set(program, Math.max(filesOf.get(program) ?? 0, fileBytes));
    }
    const ownBytes = held.reduce((sum, each) => sum + each.ownBytes, 0);
    const sharedBytes = [...filesOf.values()].reduce((sum, each) => sum + each, 0);
    this.#peakBytes = Math.max(this.#peakBytes, ownBytes + sharedBytes);
  }

  memory(): TreeMemory {
    return { peakBytes: this.#peakBytes, largestProcessBytes: this.#largestProcessBytes };
  }

  /** Kills every member that is known. */
  kill(): void {
    this.#findMembers();
    for (const pid of this.#members) signal(Number(pid), "SIGKILL");
  }

  /** Resolves when no member is left: what still runs is killed, so that nothing keeps a file system busy. */
  async end(): Promise<void> {
    for (this.#findMembers(); this.#members.size > 0; this.#findMembers()) {
      this.kill();
      for (const pid of this.#members) if (stateOf(pid) === null) this.#members.delete(pid);
      if (this.#members.size > 0) await delay(5);
    }
  }

  #findMembers(): void {
    for (const pid of pids()) {
      if (this.#members.has(pid) || this.#others.has(pid)) continue;
      if (this.#isMember(pid)) this.#members.add(pid);
      else this.#others.add(pid);
    }
  }

  #isMember(pid: string): boolean {
    const state = stateOf(pid);
    return state !== null && (state.session === this.#session || this.#members.has(state.parent));
  }

  #lookAt(pid: string): Held | null {
    try {
      const status = readFileSync(`/proc/${pid}/status`, "latin1");
      const kibOf = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(status)?.[1] ?? 0);
      this.#largestProcessBytes = Math.max(this.#largestProcessBytes, 1024 * kibOf("VmHWM"));
      return {
        program: readlinkSync(`/proc/${pid}/exe`),
        ownBytes: 1024 * (kibOf("RssAnon") + kibOf("RssShmem")),
        fileBytes: 1024 * kibOf("RssFile"),
      };
    } catch {
      return null; // it ended, and holds nothing any more
    }
  }
}

function pids(): string[] {
  return readdirSync("/proc").filter((name) => /^\d+$/.test(name));
}

/** Null when the process is gone, or only waits to be waited for. @see proc(5), /proc/PID/stat */
function stateOf(pid: string): { readonly parent: string; readonly session: string } | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    // the name stands in parentheses and may hold anything: the fields after it begin with the state, field 3
    const [state, parent, , session] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    if (state === "Z" || parent === undefined || session === undefined) return null;
    return { parent, session };
  } catch {
    return null;
  }
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // it ended by itself
  }
}
