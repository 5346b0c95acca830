import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type CommandLine, commandLine, type Running, saidBy } from "../../support/command-line.ts";
import { makeSmallImage, type SmallImage } from "../../support/small-image.ts";
import { makeTemporaryStore, type TemporaryStore } from "../../support/temporary-store.ts";

const TOKEN = "s3cret";

// each test starts several processes
vi.setConfig({ testTimeout: 60_000 });

let store: TemporaryStore;
let directory: string;
let image: SmallImage;
let daemon: CommandLine;
let remote: CommandLine;
let serving: Running;

beforeEach(() => {
  store = makeTemporaryStore();
  directory = mkdtempSync(join(tmpdir(), "imgstore-cli-"));
  image = makeSmallImage(directory);
  daemon = commandLine(store.root, { IMGSTORE_TOKEN: TOKEN, IMGSTORE_BACKOFF_MAX_MS: "50" });
});

afterEach(async () => {
  await remote.end();
  await daemon.end();
  await store.remove();
  rmSync(directory, { recursive: true });
});

async function serve(...args: readonly string[]): Promise<void> {
  const socket = join(directory, "socket");
  serving = daemon.start("serve", "--listen", `unix:${socket}`, ...args);
  await saidBy(serving, /^listening on unix:/);
  // a root of its own, which must stay untouched
  remote = commandLine(directory, { IMGSTORE_SERVER: `unix:${socket}`, IMGSTORE_TOKEN: TOKEN });
}

describe("imgstore --server", () => {
  test("does at a server what it does in process", async () => {
    await serve();
    const fetched = await remote.json(0, "fetch", "web", image.path);
    expect(fetched).toMatchObject({ state: "ACTIVE", mountPoint: store.path("active", "web") });
    expect(await remote.json(0, "status", "web")).toEqual(fetched);
    expect((await remote.run("path", "web")).stdout).toBe(`${store.path("active", "web")}\n`);
    expect(await remote.json(0, "deactivate", "web")).toMatchObject({ state: "STORED" });
    expect((await remote.run("status", "nothing")).exitCode).toBe(3);
    expect(await remote.json(0, "remove", "web")).toMatchObject({ state: "REMOVED" });
    expect((await remote.json(0, "gc")).removed.length).toBeGreaterThan(0);
    serving.child.kill("SIGTERM");
    expect(await serving.finished).toMatchObject({ exitCode: 0, stderr: "" });
  });

  test("waits for a verification for as long as it takes, whatever a request may", async () => {
    await serve("--worker", "--request-budget-s", "0");
    await remote.json(0, "fetch", "web", image.path);
    expect(await remote.json(0, "verify")).toMatchObject({ underWay: false, checked: { blobs: 1, layers: 1 } });
  });

  test("worker sweeps at the server until nothing is due", async () => {
    await serve();
    await remote.json(0, "fetch", "web", image.path, "--no-wait");
    const { exitCode, stdout } = await remote.run("worker", "--once");
    expect(exitCode).toBe(0);
    expect(stdout.trim().split("\n").at(-1)).toBe("web: finish-activate -> ACTIVE");
  });

  test("waits for a daemon that does the work", async () => {
    await serve("--worker");
    const { exitCode, stdout } = await remote.run("fetch", "web", image.path);
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: `web is ACTIVE at ${store.path("active", "web")}\n` });
    const history: { readonly move: string }[] = await remote.json(0, "history", "web");
    expect(new Set(history.map(({ move }) => move)).size).toBe(history.length);
  });

  test("a wrong token is exit 1, and nothing is told", async () => {
    await serve();
    const { exitCode, stdout, stderr } = await remote.run("list", "--token", "wrong");
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: "" });
    expect(stderr).toContain("(UNAUTHORIZED)");
    expect(stderr).not.toContain(TOKEN);
  });
});

describe("imgstore --server without a server", () => {
  test("is exit 6 and says how to get one", async () => {
    remote = commandLine(directory);
    const { exitCode, stdout, stderr } = await remote.run("status", "--server", "http://127.0.0.1:1", "--json");
    expect({ exitCode, stdout }).toEqual({ exitCode: 6, stdout: "" });
    expect(stderr).toMatch(/^imgstore: cannot reach the server "http:\/\/127\.0\.0\.1:1": .* \(SERVER_UNREACHABLE\)$/m);
    expect(stderr).toContain("imgstore serve");
  });

  test("doctor still looks at this machine", async () => {
    remote = commandLine(store.root, { IMGSTORE_SERVER: "http://127.0.0.1:1" });
    expect((await remote.run("doctor")).exitCode).toBe(0);
  });
});
