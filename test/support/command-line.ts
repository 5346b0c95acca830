import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { commandFile } from "../../scripts/command-file.ts";

/** How a run of the command ended. */
export interface Finished {
  /** Null where a signal ended it. */
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly child: ChildProcess;
  readonly finished: Promise<Finished>;
}

/** The built command, run in processes of its own against one root. */
export interface CommandLine {
  run(...args: readonly string[]): Promise<Finished>;
  /** Runs it and reads its one JSON document; fails where the exit status is not `exitCode`. */
  // oxlint-disable-next-line typescript/no-explicit-any -- whatever document the command under test prints
  json(exitCode: number, ...args: readonly string[]): Promise<any>;
  start(...args: readonly string[]): Running;
  /** Ends what is still running. */
  end(): Promise<void>;
}

/**
 * @param environment settings beside the root; what this process has of IMGSTORE_… and proxies does not count
 * @param build another build's command; default this one's
 */
export function commandLine(
  root: string,
  environment: Readonly<Record<string, string>> = {},
  build: { readonly commandFile: string } = { commandFile },
): CommandLine {
  const { PATH = "", HOME = "" } = process.env;
  const env = { PATH, HOME, IMGSTORE_ROOT: root, IMGSTORE_NODE: "here", ...environment };
  const running = new Set<Running>();
  const start = (...args: readonly string[]): Running => {
    const child = spawn(process.execPath, [build.commandFile, ...args], {
      cwd: root,
      env,
      stdio: ["ignore", "pipe", "pipe"],
    });
    const started = { child, finished: finish(child) };
    running.add(started);
    const forget = (): boolean => running.delete(started);
    started.finished.then(forget, forget);
    return started;
  };
  const run = (...args: readonly string[]): Promise<Finished> => start(...args).finished;
  return {
    run,
    start,
    json: async (exitCode, ...args) => {
      const { stdout, stderr, ...ended } = await run(...args, "--json");
      if (ended.exitCode !== exitCode) throw new Error(`${args.join(" ")}: exit status ${ended.exitCode}: ${stderr}`);
      return JSON.parse(stdout);
    },
    end: async () => {
      for (const { child } of running) child.kill("SIGKILL");
      await Promise.all([...running].map(({ finished }) => finished));
    },
  };
}

async function finish(child: ChildProcess): Promise<Finished> {
  const { stdout, stderr } = child;
  const texts = [stdout, stderr].map((stream) => (stream === null ? Promise.resolve("") : text(stream)));
  const [[exitCode], out = "", err = ""] = await Promise.all([once(child, "close"), ...texts]);
  return { exitCode: typeof exitCode === "number" ? exitCode : null, stdout: out, stderr: err };
}

/** Resolves with the match when a child has written what matches, on stdout or stderr; fails when it ends before. */
export async function saidBy({ child, finished }: Running, pattern: RegExp): Promise<RegExpExecArray> {
  let said = "";
  const heard = new AbortController();
  const listen = (chunk: Buffer): void => {
    said += chunk.toString();
    if (pattern.test(said)) heard.abort();
  };
  const streams = [child.stdout, child.stderr];
  for (const stream of streams) stream?.on("data", listen);
  const ended = await Promise.race([once(heard.signal, "abort"), finished]);
  for (const stream of streams) stream?.off("data", listen);
  const match = pattern.exec(said);
  if (match !== null) return match;
  const exitCode = "exitCode" in ended ? ended.exitCode : null;
  throw new Error(`ended with ${exitCode} before it said ${pattern.source}: ${said}`);
}
