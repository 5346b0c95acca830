import { request as httpRequest } from "node:http";
import { connect } from "node:net";
import { setTimeout } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { until } from "../support/child.ts";
import { type CommandLine, commandLine } from "../support/command-line.ts";
import { type FaultyServer, startFaultyServer } from "../support/faulty-server.ts";
import { type LargeImage, makeLargeImage } from "../support/large-image.ts";
import { type Served, serve } from "../support/served.ts";
import { contentsOf } from "../support/store-contents.ts";
import { makeTemporaryStore, type TemporaryStore } from "../support/temporary-store.ts";

let store: TemporaryStore;
let image: LargeImage;
let server: FaultyServer;
let command: CommandLine;

beforeEach(async () => {
  store = makeTemporaryStore();
  image = makeLargeImage(store.path("tmp"), { files: 1, fileBytes: 1_000_000 });
  server = await startFaultyServer({ object: image.bytes });
  command = commandLine(store.root);
});

afterEach(async () => {
  await command.end();
  await server.close();
  await store.remove();
});

async function register(served: Served, query: string): Promise<void> {
  const body = { source: `${server.origin}/x?${query}`, checksum: image.digest };
  expect((await served.request("PUT", "/v1/images/web", { body })).status).toBe(201);
}

const isBeingSent = (): boolean => server.log.some(({ sentBytes }) => sentBytes > 0);

test("a client that hangs up in the middle of an advance cancels nothing", async () => {
  const served = await serve(command);
  await register(served, "trickle=50000&every=50");
  await served.request("POST", "/v1/images/web/advance");
  const advance = httpRequest(`${served.url}/v1/images/web/advance`, { method: "POST" }).on("error", () => {});
  advance.end();
  await until(isBeingSent);
  advance.destroy();

  for (let state = ""; state !== "DOWNLOADED"; ) ({ state } = (await served.request("GET", "/v1/images/web")).body);
  const { body: history } = await served.request("GET", "/v1/images/web/history");
  expect(history.at(-1)).toMatchObject({ move: "finish-download", toState: "DOWNLOADED", attempt: 1, error: null });
  expect(server.log).toHaveLength(1);
}, 30_000);

describe("imgstore serve --worker in the middle of a download", () => {
  test("by SIGTERM frees the row and keeps the bytes; by a second one it ends at once, to be resumed", async () => {
    const served = await serve(command, "--worker");
    await register(served, "stall=700000&bad=1");
    // sent is not received: what is to be kept has to be here
    for (let doneBytes = 0; doneBytes === 0; ) {
      ({ doneBytes } = (await served.request("GET", "/v1/images/web")).body.progress ?? { doneBytes: 0 });
    }
    // a request that never ends would keep it for some seconds
    const { hostname, port } = new URL(served.url);
    const slow = connect(Number(port), hostname).on("error", () => {});
    slow.write("POST /v1/sweep HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{");
    await served.request("GET", "/healthz");

    served.running.child.kill("SIGTERM");
    for (let worker: unknown = ""; worker !== null; ) ({ worker } = await command.json(0, "status", "web"));
    expect(await command.json(0, "status", "web")).toMatchObject({ state: "DOWNLOADING", error: null });
    // two signals at once are taken for one that arrived twice
    await setTimeout(300);
    expect(served.running.child.exitCode).toBeNull();
    served.running.child.kill("SIGTERM");
    expect(await served.running.finished).toMatchObject({ exitCode: 143 });
    slow.destroy();

    expect((await command.run("worker", "--once")).exitCode).toBe(0);
    expect(await command.json(0, "status", "web")).toMatchObject({ state: "ACTIVE" });
    expect(server.log.map(({ firstByte }) => firstByte > 0)).toEqual([false, true]);
    expect(contentsOf(store)).toMatchObject({ blobs: [image.digest.slice(7)] });
  }, 60_000);
});
