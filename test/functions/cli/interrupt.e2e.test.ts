import { randomBytes } from "node:crypto";
import { statSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { until } from "../../support/child.ts";
import { type CommandLine, commandLine, saidBy } from "../../support/command-line.ts";
import { type FaultyServer, sha256, startFaultyServer } from "../../support/faulty-server.ts";
import { makeTemporaryStore, type TemporaryStore } from "../../support/temporary-store.ts";

/** No archive: what is interrupted here is the download. */
const OBJECT = randomBytes(4_000_000);
const DIGEST = sha256(OBJECT);
const HALF = 2_000_000;
const BLOCK = 2 ** 18;

// each test starts several processes
vi.setConfig({ testTimeout: 60_000 });

let store: TemporaryStore;
let server: FaultyServer;
let slow: string;
let imgstore: CommandLine;

beforeEach(async () => {
  store = makeTemporaryStore();
  server = await startFaultyServer({ object: OBJECT });
  slow = `${server.origin}/slow?stall=${HALF}`;
  imgstore = commandLine(store.root);
});

afterEach(async () => {
  await imgstore.end();
  await server.close();
  await store.remove();
});

/** Waits until what the server sends before it stalls is on disk, but for a last piece that fills no block. */
async function downloadedHalf(): Promise<void> {
  const partial = store.path("blobs", `${DIGEST.slice("sha256:".length)}.tmp`);
  await until(() => (statSync(partial, { throwIfNoEntry: false })?.size ?? 0) >= HALF - BLOCK);
}

describe("a stopped imgstore fetch", () => {
  test.each([
    { signal: "SIGINT", exitCode: 130 },
    { signal: "SIGTERM", exitCode: 143 },
  ] as const)(
    "by $signal ends with $exitCode, releases what it held, keeps the bytes, and says how to go on",
    async (row) => {
      const fetching = imgstore.start("fetch", "web", slow, DIGEST);
      await downloadedHalf();
      fetching.child.kill(row.signal);
      const { exitCode, stdout, stderr } = await fetching.finished;
      expect({ exitCode, stdout }).toEqual({ exitCode: row.exitCode, stdout: "" });
      expect(stderr).toContain('imgstore: stopped; "web" is DOWNLOADING, and what is done is kept');
      expect(stderr).toContain("imgstore worker");
      expect(stderr).toContain("imgstore status web");
      const status = await imgstore.json(0, "status", "web");
      expect(status).toMatchObject({ state: "DOWNLOADING", worker: null, error: null });
      expect(status.progress.doneBytes).toBeGreaterThan(0);
      const history: object[] = await imgstore.json(0, "history", "web");
      expect(history.at(-1)).toMatchObject({ fromState: "DOWNLOADING", toState: "DOWNLOADING", error: null });
    },
  );

  test("goes on where it was, and so does a worker", async () => {
    const fetching = imgstore.start("fetch", "web", slow, DIGEST);
    await downloadedHalf();
    fetching.child.kill("SIGINT");
    await fetching.finished;
    const working = imgstore.start("worker");
    await until(() => (server.log[1]?.status ?? 0) > 0);
    expect(server.log[1]?.firstByte).toBeGreaterThan(0);
    working.child.kill("SIGTERM");
    expect((await working.finished).exitCode).toBe(0);
  });
});

describe("a stopped imgstore worker", () => {
  test.each(["SIGINT", "SIGTERM"] as const)("by %s releases what it held and ends with 0", async (signal) => {
    await imgstore.json(0, "fetch", "web", slow, DIGEST, "--no-wait");
    const working = imgstore.start("worker", "--json");
    await downloadedHalf();
    working.child.kill(signal);
    const { exitCode, stdout, stderr } = await working.finished;
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    const events = stdout
      .trim()
      .split("\n")
      .map((line): object => JSON.parse(line));
    expect(events[0]).toMatchObject({ name: "web", move: "begin-download", toState: "DOWNLOADING", error: null });
    expect(await imgstore.json(0, "status", "web")).toMatchObject({ state: "DOWNLOADING", worker: null });
  });

  test("with nothing to do ends with 0 and says nothing", async () => {
    const serving = imgstore.start("serve", "--worker", "--listen", "127.0.0.1:0");
    await saidBy(serving, /listening on/);
    serving.child.kill("SIGTERM");
    const { exitCode, stderr } = await serving.finished;
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
  });
});
