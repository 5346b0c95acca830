import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { commandFile } from "../../command-file.ts";

/** Worker processes of one store, some of which are killed, stopped and replaced all the time. */
export class Workers {
  readonly #environment: Readonly<Record<string, string>>;
  readonly #children: ChildProcess[] = [];
  /** When each killed one was killed, in milliseconds since 1970, by its process id. */
  readonly killedAtMs: Map<number, number> = new Map();
  stops = 0;

  constructor(count: number, environment: Readonly<Record<string, string>>) {
    this.#environment = environment;
    for (let index = 0; index < count; index += 1) this.#children.push(this.#start());
  }

  /** Kills one of them, and starts another in its place. */
  async kill(index: number): Promise<void> {
    const child = this.#children[index];
    if (child?.pid === undefined) return;
    const ended = once(child, "exit");
    this.killedAtMs.set(child.pid, Date.now());
    child.kill("SIGKILL");
    await ended;
    this.#children[index] = this.#start();
  }

  /** Stops one of them for some time, in milliseconds. */
  stop(index: number, ms: number): void {
    const child = this.#children[index];
    this.stops += 1;
    child?.kill("SIGSTOP");
    setTimeout(() => child?.kill("SIGCONT"), ms);
  }

  /** Asks all to end, and waits; how each ended: its exit status, or the signal, where it had not come to listen for it. */
  async end(): Promise<(number | string | null)[]> {
    return Promise.all(
      this.#children.map(async (child) => {
        const ended = child.exitCode === null && child.signalCode === null ? once(child, "exit") : null;
        child.kill("SIGCONT");
        child.kill("SIGTERM");
        await ended;
        return child.exitCode ?? child.signalCode;
      }),
    );
  }

  #start(): ChildProcess {
    const { PATH = "", HOME = "" } = process.env;
    return spawn(process.execPath, [commandFile, "worker"], {
      env: { PATH, HOME, ...this.#environment },
      stdio: "ignore",
    });
  }
}
