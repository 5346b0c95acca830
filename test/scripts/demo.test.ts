import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { moduleFile } from "../../adapters/package-files.ts";

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(`${tmpdir()}/imgstore-demo-test-`);
});

afterEach(() => {
  rmSync(directory, { recursive: true, force: true });
});

/** Runs the demo in a temporary directory of its own; interrupts it as soon as it has said `interruptAt`. */
async function runDemo(interruptAt?: string): Promise<{ exitCode: number | null; said: string }> {
  const child = spawn(process.execPath, [moduleFile("scripts/demo")], { env: { ...process.env, TMPDIR: directory } });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      const isNew = interruptAt !== undefined && !said.includes(interruptAt);
      said += text;
      if (isNew && said.includes(interruptAt)) child.kill("SIGINT");
    });
  }
  const [exitCode]: (number | null)[] = await once(child, "close");
  return { exitCode: exitCode ?? null, said };
}

function expectNothingLeft(): void {
  expect(readdirSync(directory)).toEqual([]);
  expect(readFileSync("/proc/self/mounts", "utf8")).not.toContain(directory);
}

describe("demo", () => {
  test("fetches to ACTIVE, shows copy-on-write, tears down and leaves nothing", async () => {
    const { exitCode, said } = await runDemo();
    expect(said).toMatch(/^demo is ACTIVE at /m);
    expect(said).toMatch(/^This is the lower layer: it never changes\.\nwritten by the demo$/m);
    expect(said).toMatch(
      /^\$ cat store\/images\/\*\/etc\/motd\nThis is the lower layer: it never changes\.\n(?!written)/m,
    );
    expect(said).toMatch(/^No blob, layer, overlay, mount or temporary file is left\./m);
    expect(exitCode).toBe(0);
    expectNothingLeft();
  }, 60_000);

  test.each(["$ imgstore fetch", "demo is ACTIVE", "$ imgstore history"])(
    "interrupted at %o, unmounts and leaves nothing",
    async (moment) => {
      const { exitCode, said } = await runDemo(moment);
      expect(said).toContain("The demo ended early: stopped at");
      expect(exitCode).not.toBe(0);
      expectNothingLeft();
    },
    60_000,
  );
});
