import { readdirSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type FaultyServer, startFaultyServer } from "../support/faulty-server.ts";
import { makeSmallImage, type SmallImage } from "../support/small-image.ts";
import { openStoreUnderTest, type StoreUnderTest } from "../support/store-under-test.ts";

describe("two images of one digest", () => {
  let tested: StoreUnderTest;
  let server: FaultyServer;
  let image: SmallImage;

  beforeEach(async () => {
    tested = await openStoreUnderTest();
    image = makeSmallImage(tested.store.path());
    server = await startFaultyServer({ object: image.bytes });
  });

  afterEach(async () => {
    await server.close();
    await tested.remove();
  });

  it("are fetched and unpacked once: the second waits for the first, and its attempts are not counted", async () => {
    for (const name of ["a", "b"]) {
      const body = { source: `${server.origin}/${name}`, checksum: image.digest };
      await tested.request("PUT", `/v1/images/${name}`, { body });
    }
    const stop = new AbortController();
    const worker = tested.runtime.work({ once: true, concurrency: 2, signal: stop.signal });
    await worker;

    for (const name of ["a", "b"]) {
      const { body } = await tested.request("GET", `/v1/images/${name}`);
      expect(body).toMatchObject({ state: "ACTIVE", attempt: 0, checksum: image.digest });
    }
    expect(server.log).toHaveLength(1);
    expect(readdirSync(tested.store.path("images"))).toHaveLength(1);

    const attempts: string[] = [];
    for (const name of ["a", "b"]) {
      const { body } = await tested.request("GET", `/v1/images/${name}/history`);
      for (const { move, attempt, error } of body)
        if (move.startsWith("finish-")) attempts.push(`${attempt} ${error?.code ?? "ok"}`);
    }
    expect(new Set(attempts)).toEqual(new Set(["1 ok"]));
  });
});
