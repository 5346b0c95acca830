import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, statSync } from "node:fs";

/** Runs with a child that has begun its program, and ends it. */
export async function withChild(
  command: string,
  args: readonly string[],
  cwd: string,
  use: (pid: number) => Promise<void>,
): Promise<void> {
  const child = spawn(command, args, { cwd, stdio: "ignore" });
  const ended = once(child, "exit");
  try {
    await once(child, "spawn");
    const pid = child.pid ?? 0;
    const program = args.find((arg) => arg === "sleep") ?? command;
    await until(() => readFileSync(`/proc/${pid}/comm`, "utf8").trim() === program && isAtRest(pid));
    await use(pid);
  } finally {
    child.kill("SIGKILL");
    await ended;
  }
}

/** Whether a process waits for something: it has opened what it opens. */
function isAtRest(pid: number): boolean {
  return / S /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
}

/** Inode number of a child's mount namespace, once it has one of its own; decimal. */
export async function otherNamespaceOf(pid: number): Promise<string> {
  await until(() => namespaceOf(pid) !== namespaceOf("self"));
  return namespaceOf(pid);
}

/** Resolves when the condition holds. */
export async function until(isReached: () => boolean): Promise<void> {
  while (!isReached()) await new Promise((resolve) => setTimeout(resolve, 5));
}

function namespaceOf(process: number | "self"): string {
  return statSync(`/proc/${process}/ns/mnt`, { bigint: true }).ino.toString();
}
