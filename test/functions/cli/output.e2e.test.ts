import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { moduleFile } from "../../../adapters/package-files.ts";
import { type CommandLine, commandLine } from "../../support/command-line.ts";
import { makeSmallImage } from "../../support/small-image.ts";
import { openStoreUnderTest } from "../../support/store-under-test.ts";
import { makeTemporaryStore, type TemporaryStore } from "../../support/temporary-store.ts";

const run = promisify(execFile);
const COMMAND = `'${process.execPath}' '${moduleFile("functions/cli/main")}'`;

// each test starts several processes
vi.setConfig({ testTimeout: 60_000 });

let store: TemporaryStore;
let directory: string;
let imgstore: CommandLine;

beforeEach(() => {
  store = makeTemporaryStore();
  directory = mkdtempSync(join(tmpdir(), "imgstore-cli-"));
  imgstore = commandLine(store.root);
});

afterEach(async () => {
  await imgstore.end();
  await store.remove();
  rmSync(directory, { recursive: true });
});

/** What a shell makes of a line with `imgstore` in it. */
async function shell(line: string): Promise<string> {
  const env = { PATH: process.env["PATH"] ?? "", IMGSTORE_ROOT: store.root, TERM: "xterm" };
  const script = line.replaceAll("imgstore ", `${COMMAND} `);
  return (await run("bash", ["-o", "pipefail", "-c", script], { cwd: directory, env })).stdout;
}

describe("errors", () => {
  test.each([
    { args: ["fecth"], exitCode: 2, code: "USAGE" },
    { args: ["fetch", "Not A Name", "/x"], exitCode: 2, code: "INVALID_NAME" },
    { args: ["fetch", "web", "gopher://x/y"], exitCode: 2, code: "INVALID_SOURCE" },
    { args: ["fetch", "web", "/x", "abc"], exitCode: 2, code: "INVALID_DIGEST" },
    { args: ["fetch", "web", "http://127.0.0.1:1/x"], exitCode: 2, code: "CHECKSUM_REQUIRED" },
    { args: ["fetch", "web", "/x", "--mount-options", "suidish"], exitCode: 2, code: "INVALID_MOUNT_OPTIONS" },
    { args: ["status", "--lease-ms", "soon"], exitCode: 2, code: "INVALID_SETTING" },
    { args: ["serve", "--listen", "0.0.0.0:0"], exitCode: 2, code: "LISTEN_REFUSED" },
    { args: ["status", "nothing"], exitCode: 3, code: "NO_SUCH_IMAGE" },
    { args: ["retry", "nothing"], exitCode: 3, code: "NO_SUCH_IMAGE" },
    { args: ["history", "nothing"], exitCode: 3, code: "NO_SUCH_IMAGE" },
    { args: ["fetch", "web", "/nowhere/web.tar"], exitCode: 1, code: "SOURCE_NOT_FOUND" },
    { args: ["status", "--root", "/dev/null/store"], exitCode: 6, code: "ROOT_NOT_WRITABLE" },
  ])(
    "of $args: exit $exitCode, code and hint on stderr, nothing on stdout, no stack",
    async ({ args, ...expected }) => {
      const { exitCode, stdout, stderr } = await imgstore.run(...args);
      expect({ exitCode, stdout }).toEqual({ exitCode: expected.exitCode, stdout: "" });
      const [said, hint] = stderr.trimEnd().split("\n").slice(-2);
      expect(said).toMatch(new RegExp(`^imgstore: .* \\(${expected.code}\\)$`));
      expect(hint).toMatch(/^ {2}hint: ./);
      expect(stderr).not.toMatch(/^\s+at /m);
    },
  );

  test("a file that is no database is exit 6, for doctor, too", async () => {
    writeFileSync(store.path("imgstore.db"), "this is no database, and long enough to be looked at\n".repeat(100));
    expect(await imgstore.run("status")).toMatchObject({
      exitCode: 6,
      stderr: expect.stringContaining("(NOT_A_DATABASE)"),
    });
    const { diagnoses } = await imgstore.json(6, "doctor");
    expect(diagnoses).toMatchObject([{ subject: "store", ok: false }]);
  });

  test("with IMGSTORE_LOG=debug the causes are named", async () => {
    const { stderr } = await imgstore.run("status", "--server", "http://127.0.0.1:1", "--log", "debug");
    expect(stderr).toMatch(/^ {2}caused by: .*ECONNREFUSED/m);
  });
});

describe("output", () => {
  test("into a pipe is whole, however long", async () => {
    const filled = await openStoreUnderTest();
    try {
      const source = `/${"long/".repeat(100)}web.tar`;
      for (let index = 0; index < 200; index += 1)
        await filled.request("PUT", `/v1/images/image-${index}`, { body: { source } });
      const text = await shell(`imgstore list --json --node here --root '${filled.store.root}' | (sleep 0.3; cat)`);
      expect(text.length).toBeGreaterThan(2 ** 17);
      expect(JSON.parse(text).images).toHaveLength(200);
    } finally {
      await filled.remove();
    }
  });

  test("for a reader that went away ends quietly", async () => {
    expect(await shell("imgstore help settings 2>&1 | true")).toBe("");
    const image = makeSmallImage(directory);
    const fetch = (name: string): string => `imgstore fetch ${name} ${image.path} --no-wait >&2`;
    const watch = "(imgstore status --watch --json; echo $? >status) | head -1 >first &";
    const first = "until [ -s first ]; do sleep 0.05; done";
    const script = [fetch("web"), watch, first, fetch("db"), "wait", "wc -l <first", "cat status"];
    expect(await shell(script.join("\n"))).toBe("1\n0\n");
  });

  test("on a terminal is one redrawn line, coloured errors, and plain without colour where NO_COLOR says so", async () => {
    const image = makeSmallImage(directory);
    const drawn = await shell(`script -qec "stty cols 70; imgstore fetch web ${image.path}" /dev/null`);
    expect(drawn).toContain("\rweb  DOWNLOADING");
    expect(drawn).toContain("\u001b[K");
    expect(drawn.trimEnd().split("\n")).toHaveLength(1);
    expect(drawn).toContain(`web is ACTIVE at ${store.path("active", "web")}`);
    expect(await shell('script -qec "imgstore fecth" /dev/null || true')).toContain("\u001b[31m");
    expect(await shell('NO_COLOR=1 script -qec "imgstore fecth" /dev/null || true')).not.toContain("\u001b[31m");
    const listed = await shell('script -qec "stty cols 40; imgstore list" /dev/null');
    for (const line of listed.trimEnd().split("\r\n")) expect(line.length).toBeLessThanOrEqual(40);
  });

  test("imgstore --version and help need no store", async () => {
    const nowhere = commandLine(directory, { IMGSTORE_ROOT: "/dev/null/store" });
    expect((await nowhere.run("--version")).stdout).toMatch(/^imgstore \d+\.\d+\.\d+\n$/);
    expect((await nowhere.run("help", "fetch")).stdout).toContain("--mount-options LIST");
    expect(await nowhere.run("help", "nothing")).toMatchObject({ exitCode: 2, stdout: "" });
  });
});
