import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { packageRoot } from "../../adapters/package-files.ts";

/** What a process that wrote rows says at its end. */
export interface WriterReport {
  /** `[name, state it led to]` of each transition that the database acknowledged as this process's. */
  readonly made: readonly (readonly [string, string])[];
  readonly error?: { readonly code?: string; readonly message: string };
}

/**
 * Runs `count` processes (needs `dist/`) that open one database file at the same moment, and each move `images` images of
 * its own and as many that all of them want. Ends them if they do not end by themselves.
 */
export async function runWriters(path: string, count: number, images: number): Promise<WriterReport[]> {
  const script = `${packageRoot}test/support/row-writer.mjs`;
  const children = Array.from({ length: count }, (_, index) =>
    spawn(process.execPath, [script, path, `w${index}`, String(images)], { stdio: ["pipe", "pipe", "inherit"] }),
  );
  const ended = children.map((child) => once(child, "exit"));
  try {
    const lines = children.map((child) => createInterface(child.stdout)[Symbol.asyncIterator]());
    for (const each of lines) await next(each);
    for (const child of children) child.stdin.write("go\n");
    return await Promise.all(lines.map(async (each) => JSON.parse(await next(each)) as WriterReport));
  } finally {
    for (const child of children) kill(child);
    await Promise.all(ended);
  }
}

async function next(lines: AsyncIterator<string>): Promise<string> {
  const { done, value } = await lines.next();
  if (done === true) throw new Error("a writer ended without a word");
  return value;
}

function kill(child: ChildProcess): void {
  if (child.exitCode === null) child.kill("SIGKILL");
}
