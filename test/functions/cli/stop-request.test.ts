import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { moduleFile } from "../../../adapters/package-files.ts";

/** Hangs like a command whose work does not end, and says when it was asked to stop and that a while went by since. */
const HANGING = `
  const { listenForStop } = await import(${JSON.stringify(pathToFileURL(moduleFile("functions/cli/stop-request")))});
  const stop = listenForStop();
  stop.signal.addEventListener("abort", () => setTimeout(() => console.log(\`alive after \${stop.cause()}\`), 400));
  setInterval(() => {}, 1000);
  console.log("ready");
`;

let child: ChildProcess;
let exited: Promise<unknown[]>;

beforeEach(async () => {
  child = spawn(process.execPath, ["--input-type=module", "-e", HANGING], { stdio: ["ignore", "pipe", "inherit"] });
  exited = once(child, "exit");
  expect(await nextLine()).toBe("ready\n");
});

afterEach(async () => {
  child.kill("SIGKILL");
  await exited;
});

async function nextLine(): Promise<string> {
  if (child.stdout === null) throw new Error("the child's output is not piped");
  const [chunk]: string[] = await once(child.stdout.setEncoding("utf8"), "data");
  return chunk ?? "";
}

describe("listenForStop", () => {
  test.each([
    { signal: "SIGINT", exitCode: 130 },
    { signal: "SIGTERM", exitCode: 143 },
  ] as const)("the first $signal asks, the second ends the process at once", async ({ signal, exitCode }) => {
    child.kill(signal);
    expect(await nextLine()).toBe(`alive after ${signal}\n`);
    child.kill(signal);
    expect(await exited).toEqual([exitCode, null]);
  });

  test("one Ctrl-C that arrives twice is one", async () => {
    child.kill("SIGINT");
    child.kill("SIGINT");
    expect(await nextLine()).toBe("alive after SIGINT\n");
  });
});
