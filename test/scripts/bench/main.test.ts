import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { moduleFile } from "../../../adapters/package-files.ts";

let directory: string;
let image: string;
let running: ChildProcess | null;

beforeEach(() => {
  running = null;
  directory = mkdtempSync(`${tmpdir()}/imgstore-bench-test-`);
  mkdirSync(`${directory}/tmp`);
  mkdirSync(`${directory}/root/etc`, { recursive: true });
  writeFileSync(`${directory}/root/etc/motd`, "small\n");
  image = `${directory}/small.tar.gz`;
  execFileSync("tar", ["--create", "--gzip", "--file", image, "--directory", `${directory}/root`, "."]);
});

afterEach(async () => {
  if (running?.kill("SIGINT") === true) await once(running, "close");
  rmSync(directory, { recursive: true, force: true });
});

/** Runs a benchmark in a temporary directory of its own; interrupts it as soon as it has said `interruptAt`. */
async function runBench(
  args: readonly string[],
  interruptAt?: string,
): Promise<{ exitCode: number | null; said: string }> {
  const child = spawn(process.execPath, [moduleFile("scripts/bench/main"), ...args], {
    env: { ...process.env, TMPDIR: `${directory}/tmp` },
  });
  running = child;
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
  expect(readdirSync(`${directory}/tmp`)).toEqual([]);
  expect(readFileSync("/proc/self/mounts", "utf8")).not.toContain(directory);
  expect(
    execFileSync("losetup", ["--list", "--noheadings", "--output", "BACK-FILE"], { encoding: "utf8" }),
  ).not.toContain(directory);
}

describe("bench", () => {
  test.each([
    ["unpack", "imgstore's engine / gzip -dc | tar -x; sync -f"],
    ["fetch", "imgstore fetch, to ACTIVE / curl | tee blob >(sha256sum) | gzip -dc | tar -x; sync -f"],
  ])(
    "%s measures everybody, gives ratios and leaves nothing",
    async (name, ratio) => {
      const { exitCode, said } = await runBench([name, "--runs", "1", "--image", image]);
      expect(said).toMatch(/^small\.tar\.gz, 0 MiB: 1 runs each/m);
      expect(said.split("\n").filter((line) => line.includes(ratio))).toEqual([
        expect.stringMatching(/^\d+\.\d\d of the wall time \(runs: .*\), \d+\.\d\d of the processor time: /),
      ]);
      expect(exitCode, said).toBe(0);
      expectNothingLeft();
    },
    60_000,
  );

  test("fails and leaves nothing where a contestant does", async () => {
    writeFileSync(image, "no archive");
    const { exitCode, said } = await runBench(["unpack", "--runs", "1", "--image", image]);
    expect(said).toContain("This does not look like a tar archive");
    expect(exitCode).toBe(1);
    expectNothingLeft();
  }, 60_000);

  test("interrupted between two runs, leaves nothing", async () => {
    const { exitCode } = await runBench(["fetch", "--runs", "100", "--image", image], "run 1:");
    expect(exitCode).toBe(130);
    expectNothingLeft();
  }, 60_000);

  test.each([["fetch", "--runs", "0"], ["fetch", "--image", "/nowhere"], ["nothing"], ["fetch", "--form", "rar"]])(
    "%s %s %s is wrong usage",
    async (...args) => {
      const { exitCode, said } = await runBench(args);
      expect(said).toMatch(/^usage: npm run bench/);
      expect(exitCode).toBe(2);
    },
    60_000,
  );
});
