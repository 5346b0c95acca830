import { setImmediate } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { HistoryEntryJson, ImageJson } from "../../functions/http/wire.ts";
import { until } from "../support/child.ts";
import { type CommandLine, commandLine } from "../support/command-line.ts";
import { type FaultyServer, startFaultyServer } from "../support/faulty-server.ts";
import { type LargeImage, makeLargeImage } from "../support/large-image.ts";
import { contentsOf } from "../support/store-contents.ts";
import { openStoreUnderTest, type StoreUnderTest } from "../support/store-under-test.ts";

let tested: StoreUnderTest;
let image: LargeImage;
let server: FaultyServer;
let command: CommandLine;

beforeEach(async () => {
  tested = await openStoreUnderTest();
  image = makeLargeImage(tested.store.path(), { files: 1, fileBytes: 1_000_000 });
  server = await startFaultyServer({ object: image.bytes });
  command = commandLine(tested.store.root);
  command.start("worker");
});

afterEach(async () => {
  await command.end();
  await server.close();
  await tested.remove();
});

const isBeingSent = (): boolean => server.log.some(({ sentBytes }) => sentBytes > 0);

async function put(target: string, query: string): Promise<void> {
  const body = { source: `${server.origin}/x?${query}`, checksum: image.digest, target };
  expect((await tested.request("PUT", "/v1/images/web", { body })).status).toBe(201);
}

async function patch(target: string): Promise<ImageJson> {
  return (await tested.request("PATCH", "/v1/images/web", { body: { target } })).body;
}

/** Looks until the worker process has brought the image to where it rests. */
async function atRest(): Promise<ImageJson> {
  for (;;) {
    await setImmediate();
    const { body } = await tested.request("GET", "/v1/images/web");
    if (body.dueAtMs === null) return body;
  }
}

describe("while another process downloads, a changed target", () => {
  test.each([
    { changes: ["ACTIVE"], from: "STORED", to: "ACTIVE" },
    { changes: ["STORED"], from: "ACTIVE", to: "STORED" },
    { changes: ["STORED", "ACTIVE", "STORED", "ACTIVE"], from: "ACTIVE", to: "ACTIVE" },
  ])(
    "($from, then $changes) is where the image ends, and the download goes on",
    async ({ changes, from, to }) => {
      await put(from, "trickle=50000&every=50");
      await until(isBeingSent);
      for (const target of changes) expect(await patch(target)).toMatchObject({ state: "DOWNLOADING", target });
      expect(await atRest()).toMatchObject({ state: to, error: null });
      expect(server.log).toHaveLength(1);
    },
    30_000,
  );

  test("to REMOVED takes effect at once: the holder lets go, and can publish nothing", async () => {
    await put("ACTIVE", "stall=700000&bad=1");
    await until(isBeingSent);
    const { status, body } = await tested.request("DELETE", "/v1/images/web", { headers: { prefer: "wait=30" } });
    expect([status, body.state]).toEqual([200, "REMOVED"]);
    const history: HistoryEntryJson[] = (await tested.request("GET", "/v1/images/web/history")).body;
    expect(history.map(({ move, error }) => [move, error?.code])).toEqual([
      ["register", undefined],
      ["begin-download", undefined],
      ["finish-download", "CANCELLED"],
      ["begin-remove", undefined],
      ["finish-remove", undefined],
    ]);
    // the attempt ends with its connection, and its lock on the partial after that
    while ((await server.openConnections()) > 0) await setImmediate();
    while (contentsOf(tested.store).blobs.length > 0) await tested.request("POST", "/v1/gc");
    expect(contentsOf(tested.store)).toEqual({ blobs: [], images: [], overlays: [], active: [], tmp: [] });

    // the same worker takes the name up again
    await put("ACTIVE", "whole");
    expect(await atRest()).toMatchObject({ state: "ACTIVE", error: null });
  }, 30_000);
});
