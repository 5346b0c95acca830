import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openFileDatabase } from "../../adapters/libsql/file.ts";
import { createImageRows } from "../../adapters/libsql/image-rows.ts";
import { commandLine } from "../support/command-line.ts";
import { makeSmallImage } from "../support/small-image.ts";
import { openStoreUnderTest, type StoreUnderTest } from "../support/store-under-test.ts";

const MAX_ATTEMPTS = 3;

describe("an image that kills its workers", () => {
  let tested: StoreUnderTest;

  beforeEach(async () => {
    tested = await openStoreUnderTest();
  });

  afterEach(() => tested.remove());

  it("ends FAILED with ATTEMPTS_EXHAUSTED when its attempts are used up, each with its dead worker in history", async () => {
    const { path } = makeSmallImage(tested.store.path());
    await tested.request("PUT", "/v1/images/a", { body: { source: path } });
    await tested.request("POST", "/v1/images/a/advance");
    await dieInEveryAttempt();

    const command = commandLine(tested.store.root, { IMGSTORE_MAX_ATTEMPTS: String(MAX_ATTEMPTS) });
    expect((await command.run("worker", "--once")).exitCode).toBe(0);

    const { body } = await tested.request("GET", "/v1/images/a");
    expect(body).toMatchObject({ state: "FAILED", error: { code: "ATTEMPTS_EXHAUSTED" } });
    const history = await tested.request("GET", "/v1/images/a/history");
    const lost = history.body.filter(
      ({ error }: { error: { code: string } | null }) => error?.code === "LEASE_EXPIRED",
    );
    expect(lost.map(({ worker }: { worker: string }) => worker)).toEqual(["dead-1", "dead-2", "dead-3"]);
  });

  /** Claims as a worker does, and is never heard of again. */
  async function dieInEveryAttempt(): Promise<void> {
    const database = await openFileDatabase(tested.store.path("imgstore.db"));
    const rows = createImageRows(database, "here");
    for (let attempt = 1; attempt <= MAX_ATTEMPTS; ) {
      const placement = await rows.load("a");
      if (placement === null) throw new Error("the image is gone");
      const claimed = await rows.claim(placement, {
        move: "finish-download",
        opId: `claim-${attempt}`,
        worker: `dead-${attempt}`,
        leaseMs: 1,
      });
      // until the lease of the one before has run out
      if (claimed.kind === "claimed") attempt += 1;
    }
    await database.close();
  }
});
