import { execFile, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { packageRoot } from "../../../adapters/package-files.ts";

type Outcomes = Readonly<Record<string, string>>;

/** What one thread got done: `succeeded`, or `refused: ` and by what. */
export interface Tried {
  readonly wall: string;
  readonly needed: Outcomes;
  readonly attacks: Outcomes;
}

export interface Attacked {
  readonly main: Tried;
  /** Of a process that is confined: whether its calls are filtered, its second thread, and what a thread of the runtime read. */
  readonly isFiltered?: boolean;
  readonly second?: Tried;
  readonly pool?: string;
}

export interface AttackOptions {
  /** What runs the program, with its arguments; Node by default. */
  readonly runtime?: readonly string[];
  /** Whether Deno runs it, which needs no build. */
  readonly isDeno?: boolean;
  /** A command that runs the rest in its own way. */
  readonly prefix?: readonly string[];
  readonly isConfined?: boolean;
}

/** A folder with a directory to be confined to and one to get at, and somebody else to be harmed. */
export class AttackGround {
  readonly home: string = mkdtempSync(join(tmpdir(), "imgstore-wall-"));
  readonly inside: string = join(this.home, "inside");
  readonly outside: string = join(this.home, "outside");
  readonly #victim = spawn("sleep", ["infinity"], { stdio: "ignore" });

  constructor() {
    for (const path of [this.inside, this.outside]) mkdirSync(path);
    writeFileSync(join(this.outside, "secret"), "secret");
    writeFileSync(join(this.home, "blob"), "blob");
  }

  /** Runs the attacker (needs `dist/`, but for Deno). It inherits descriptors 98, of `blob`, and 99, of `outside`. */
  async attack({
    runtime = [process.execPath],
    isDeno = false,
    prefix = [],
    isConfined = true,
  }: AttackOptions = {}): Promise<Attacked> {
    const order = {
      modules: `${packageRoot}${isDeno ? "" : "dist/"}adapters`,
      ending: isDeno ? ".ts" : ".js",
      directory: this.inside,
      outside: this.outside,
      victim: this.#victim.pid,
      disk: statSync(this.home).dev,
      blob: 98,
      inherited: 99,
      isConfined,
    };
    const inherit = `exec 98<${this.home}/blob 99<${this.outside} "$@"`;
    const program = [...runtime, `${packageRoot}test/support/wall/attacker.mjs`, JSON.stringify(order)];
    const [command = "", ...args] = [...prefix, "bash", "-c", inherit, "bash", ...program];
    const { stdout } = await promisify(execFile)(command, args);
    return JSON.parse(stdout);
  }

  remove(): void {
    this.#victim.kill("SIGKILL");
    rmSync(this.home, { recursive: true });
  }
}
