import { setImmediate } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openFileDatabase } from "../../adapters/libsql/file.ts";
import { createImageRows } from "../../adapters/libsql/image-rows.ts";
import { commandLine } from "../support/command-line.ts";
import { type FaultyServer, startFaultyServer } from "../support/faulty-server.ts";
import { type LargeImage, makeLargeImage } from "../support/large-image.ts";
import { makeSmallImage } from "../support/small-image.ts";
import { openStoreUnderTest, type StoreUnderTest } from "../support/store-under-test.ts";

let tested: StoreUnderTest;
let image: LargeImage;
let server: FaultyServer;

beforeEach(async () => {
  tested = await openStoreUnderTest();
  image = makeLargeImage(tested.store.path(), { files: 1, fileBytes: 1_000_000 });
  server = await startFaultyServer({ object: image.bytes });
});

afterEach(async () => {
  await server.close();
  await tested.remove();
});

/** Claims as a worker does, and is never heard of again. */
async function dieIn(name: string): Promise<void> {
  const database = await openFileDatabase(tested.store.path("imgstore.db"));
  const rows = createImageRows(database, "here");
  const placement = await rows.load(name);
  if (placement === null) throw new Error("the image is not there");
  const attempt = { move: "finish-download", opId: "claim", worker: "dead", leaseMs: 1 } as const;
  expect((await rows.claim(placement, attempt)).kind).toBe("claimed");
  await database.close();
}

test("a worker keeps other images waiting for a suspect one lease long, however long that takes", async () => {
  const command = commandLine(tested.store.root, { IMGSTORE_LEASE_MS: "2000" });
  // would take minutes, with signs of life all the while
  const body = { source: `${server.origin}/slow?trickle=500&every=100`, checksum: image.digest };
  await tested.request("PUT", "/v1/images/suspect", { body });
  await tested.request("POST", "/v1/images/suspect/advance");
  await dieIn("suspect");
  await tested.request("PUT", "/v1/images/other", { body: { source: makeSmallImage(tested.store.path()).path } });
  try {
    command.start("worker");
    for (let state = ""; state !== "ACTIVE"; ) {
      // the source is served by this process, too
      await setImmediate();
      ({ state } = (await tested.request("GET", "/v1/images/other")).body);
    }
    const { body: suspect } = await tested.request("GET", "/v1/images/suspect");
    expect(suspect).toMatchObject({ state: "DOWNLOADING", worker: expect.any(String) });
    expect(server.log).toHaveLength(1);
  } finally {
    await command.end();
  }
}, 60_000);
