import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { styleText } from "node:util";
import { commandFile } from "./command-file.ts";

/** Tells a newcomer what is done and does it: every line is shown as one would type it before it runs. */
export interface Narrator {
  /** A heading. */
  readonly say: (text: string) => void;
  /**
   * Runs a line of shell on this terminal, in which `imgstore` is this checkout's.
   * @throws {CommandFailed}
   */
  readonly run: (line: string) => Promise<void>;
  /** Interrupts the line that runs, as Ctrl-C does; every later one fails at once. */
  readonly stop: () => void;
}

/** A line that did not end with 0. */
export class CommandFailed extends Error {
  override readonly name = "CommandFailed";
  /** Null when a signal ended it or forbade it. */
  readonly exitCode: number | null;

  constructor(line: string, exitCode: number | null) {
    super(exitCode === null ? `stopped at \`${line}\`` : `\`${line}\` ended with exit status ${exitCode}`);
    this.exitCode = exitCode;
  }
}

const PROLOGUE = 'set -e; imgstore() { "$IMGSTORE_NODE_BINARY" "$IMGSTORE_PROGRAM" "$@"; };';

/** @param directory where the lines run; settings of the caller's environment do not reach them */
export function narrator(directory: string): Narrator {
  const environment = {
    ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("IMGSTORE_"))),
    IMGSTORE_NODE_BINARY: process.execPath,
    IMGSTORE_PROGRAM: commandFile,
  };
  let running: ChildProcess | null = null;
  let isStopped = false;
  return {
    say: (text) => console.log(bold(`\n# ${text}`)),
    run: async (line) => {
      if (isStopped) throw new CommandFailed(line, null);
      console.log(bold(`$ ${line}`));
      // a group of its own, so that one signal reaches all of the line, once, and from us alone
      running = spawn("bash", ["-c", `${PROLOGUE} ${line}`], {
        cwd: directory,
        env: environment,
        detached: true,
        stdio: ["ignore", "inherit", "inherit"],
      });
      const [exitCode]: (number | null)[] = await once(running, "exit");
      running = null;
      if (exitCode !== 0) throw new CommandFailed(line, isStopped ? null : (exitCode ?? null));
    },
    stop: () => {
      isStopped = true;
      if (running?.pid !== undefined) process.kill(-running.pid, "SIGINT");
    },
  };
}

function bold(text: string): string {
  return styleText("bold", text, { stream: process.stdout });
}
