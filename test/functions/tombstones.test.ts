import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createLocks } from "../../adapters/store/locks.ts";
import { collectGarbage } from "../../functions/cron/collect-garbage.ts";
import type { Engine } from "../../functions/engine.ts";
import { type EngineUnderTest, openEngineUnderTest } from "../support/engine-under-test.ts";
import { makeSmallImage, type SmallImage } from "../support/small-image.ts";
import { openStoreUnderTest, type StoreUnderTest } from "../support/store-under-test.ts";

const WAIT = { headers: { prefer: "wait=30" } };

describe("what is removed", () => {
  let tested: StoreUnderTest;
  let image: SmallImage;

  beforeEach(async () => {
    tested = await openStoreUnderTest();
    image = makeSmallImage(tested.store.path());
  });
  afterEach(() => tested.remove());

  const reach = async (target: string): Promise<void> => {
    await tested.request("PUT", "/v1/images/a", { body: { source: image.path, target } });
    const { body } = await tested.request("PATCH", "/v1/images/a", { body: { target }, ...WAIT });
    expect(body.state).toBe(target);
  };
  const remove = () => tested.request("DELETE", "/v1/images/a", WAIT);
  const tombstones = (): string[] => readdirSync(tested.store.path("tmp")).map((name) => name.split(".")[0] ?? "");

  /** While somebody else deletes tombstones, which may take long, nobody does so here. */
  const whileReaping = (act: () => Promise<void>): Promise<boolean | null> =>
    createLocks({ root: tested.store.root }).alone("reap", async () => {
      await act();
      return true;
    });

  it("is gone before it is deleted: its name is free at once, and a sweep deletes what is left", async () => {
    await reach("ACTIVE");
    writeFileSync(tested.store.path("active", "a", "written"), "by hand");
    const isDone = await whileReaping(async () => {
      expect((await remove()).status).toBe(200);
      expect(tombstones()).toEqual(["upper"]);
      await reach("ACTIVE");
      expect(existsSync(tested.store.path("active", "a", "written"))).toBe(false);
    });
    expect(isDone).toBe(true);
    await tested.request("POST", "/v1/sweep");
    expect(tombstones()).toEqual([]);
  });

  it("as a layer does not keep a fetch of the same layer waiting for its deletion", async () => {
    await reach("STORED");
    await remove();
    const isDone = await whileReaping(async () => {
      const { body } = await tested.request("POST", "/v1/gc");
      expect(body.removed.map(({ kind }: { kind: string }) => kind)).toEqual(["blob", "layer"]);
      expect(tombstones()).toEqual(["removed"]);
      await reach("ACTIVE");
    });
    expect(isDone).toBe(true);
    await tested.request("POST", "/v1/gc");
    expect(tombstones()).toEqual([]);
    expect(existsSync(tested.store.path("active", "a", "etc"))).toBe(true);
  });

  it("is deleted by whoever removed it, without a sweep", async () => {
    await reach("ACTIVE");
    await remove();
    await vi.waitUntil(() => tombstones().length === 0, 30_000);
  });
});

describe("collectGarbage beside a fetch", () => {
  let tested: EngineUnderTest;
  beforeEach(async () => {
    tested = await openEngineUnderTest();
  });
  afterEach(() => tested.remove());

  it("leaves a blob and a tree that were strays when it looked, and that somebody has taken up since", async () => {
    const { engine, store } = tested;
    const blob = `sha256:${"a".repeat(64)}` as const;
    const diffId = `sha256:${"b".repeat(64)}` as const;
    const taken = `sha256:${"c".repeat(64)}` as const;
    const disk = await engine.disk();
    await disk.blobs.listStored();
    writeFileSync(store.path("blobs", "a".repeat(64)), "bytes");
    writeFileSync(store.path("images", "b".repeat(64)), "tree");

    // The moment after the look: the row's writes of a fetch that adopts both.
    const inventory: Engine["work"]["inventory"] = async () => {
      const rows = await engine.work.inventory();
      const row = (
        await engine.images.register({
          name: "a",
          source: "/a.tar",
          checksum: blob,
          target: "STORED",
          mountOptions: [],
          opId: "1",
          worker: "w",
        })
      ).placement;
      const swapped = await engine.images.swap(row, { move: "begin-download", opId: "2", worker: "w" });
      if (swapped.placement === null) throw new Error("lost");
      const start = { move: "finish-download", opId: "3", worker: "w", leaseMs: 60_000 } as const;
      const claimed = await engine.images.claim(swapped.placement, start);
      if (claimed.kind !== "claimed") throw new Error("lost");
      await engine.work.takeBlob(claimed.claim, blob);
      const tree = { name: "1.1.0", inode: "1", diffId, sizeBytes: 4 };
      expect(await engine.work.stageAhead(claimed.claim, taken, "native", tree)).toBe(true);
      return rows;
    };
    const collected = await collectGarbage(
      { ...engine, work: { ...engine.work, inventory } },
      { isDryRun: false, isWithBlobs: false },
    );
    expect(collected.removed).toEqual([]);
    expect(readdirSync(store.path("blobs"))).toEqual(["a".repeat(64)]);
    expect(readdirSync(store.path("images"))).toEqual(["b".repeat(64)]);
  });
});
