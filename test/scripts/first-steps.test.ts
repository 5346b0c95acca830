import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { afterEach, beforeEach, expect, test } from "vitest";
import { packageRoot } from "../../adapters/package-files.ts";
import { commandFile } from "../../scripts/command-file.ts";
import { serveFile } from "../../scripts/serve-file.ts";

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(`${tmpdir()}/imgstore-first-steps-`);
});

afterEach(() => {
  rmSync(directory, { recursive: true, force: true });
});

/** Runs lines of shell in the test's directory, with `imgstore` a command of theirs. */
async function shell(lines: string): Promise<{ exitCode: number | null; stdout: string; stderr: string }> {
  writeFileSync(`${directory}/imgstore`, `#!/bin/sh\nexec ${process.execPath} ${commandFile} "$@"\n`, {
    mode: 0o755,
  });
  const env = { ...process.env, PATH: `${directory}:${process.env["PATH"] ?? ""}` };
  const child = spawn("bash", ["-euc", lines], { cwd: directory, env });
  const said = { stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => (said.stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (said.stderr += text));
  const [exitCode]: (number | null)[] = await once(child, "close");
  return { exitCode: exitCode ?? null, ...said };
}

test("the first steps with a worker beside: image, server, sha256sum, fetch, status, remove", async () => {
  const image = await shell(`bash ${packageRoot}scripts/create-test-image.sh`);
  expect(image).toMatchObject({ exitCode: 0 });
  const server = await serveFile(`${directory}/test-image.tar`);
  try {
    const steps = await shell(`
SHA=$(sha256sum test-image.tar | cut -c 1-64)
imgstore worker & worker=$!
trap 'kill $worker; wait $worker || true' EXIT
imgstore fetch testimg ${server.url} $SHA
imgstore status testimg
chroot "$(imgstore path testimg)" /bin/sh -c 'cat /etc/motd'
imgstore remove testimg
imgstore gc`);
    expect(steps.stderr).not.toMatch(/^\s+at /m);
    expect(steps.stdout).toMatch(/^ *state +ACTIVE\b/m);
    expect(steps.stdout).toContain("This is the lower layer: it never changes.");
    expect(steps.exitCode).toBe(0);
    expect(readFileSync("/proc/self/mounts", "utf8")).not.toContain(directory);
  } finally {
    await server.close();
  }
}, 60_000);
