import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openFileDatabase } from "../../../adapters/libsql/file.ts";
import { makeSmallImage, type SmallImage } from "../../support/small-image.ts";
import { openStoreUnderTest, type StoreUnderTest } from "../../support/store-under-test.ts";

describe("POST /v1/sweep", () => {
  let tested: StoreUnderTest;
  let image: SmallImage;

  beforeEach(async () => {
    tested = await openStoreUnderTest();
    image = makeSmallImage(tested.store.path());
  });

  afterEach(() => tested.remove());

  const put = (name: string, target = "ACTIVE") =>
    tested.request("PUT", `/v1/images/${name}`, { body: { source: image.path, checksum: image.digest, target } });

  const sweep = async (body: Readonly<Record<string, unknown>> = {}) =>
    (await tested.request("POST", "/v1/sweep", { body })).body;

  const sweepUntilRest = async (): Promise<void> => {
    for (let sweeps = 0; sweeps < 50; sweeps += 1) if ((await sweep()).nextDueAtMs === null) return;
    throw new Error("the rows do not come to rest");
  };

  const stateOf = async (name: string): Promise<string> =>
    (await tested.request("GET", `/v1/images/${name}`)).body.state;

  it("makes at most one transition for each due row, and says when to come back", async () => {
    await put("a");
    await put("b", "STORED");
    const report = await sweep();
    expect(report.moved.map(({ name, move }: { name: string; move: string }) => [name, move]).toSorted()).toEqual([
      ["a", "begin-download"],
      ["b", "begin-download"],
    ]);
    expect(report.nextDueAtMs).toBeLessThanOrEqual(report.nowMs);
    await sweepUntilRest();
    expect([await stateOf("a"), await stateOf("b")]).toEqual(["ACTIVE", "STORED"]);
    expect(await sweep()).toMatchObject({ moved: [], failed: [], waiting: 0, nextDueAtMs: null });
  });

  it("mounts again what was unmounted behind its back, with the upper intact", async () => {
    await put("a");
    await sweepUntilRest();
    const mountPoint = tested.store.path("active", "a");
    writeFileSync(`${mountPoint}/written`, "by hand");
    execFileSync("umount", [mountPoint]);

    await sweepUntilRest();
    expect(await stateOf("a")).toBe("ACTIVE");
    expect(readFileSync(`${mountPoint}/written`, "utf8")).toBe("by hand");
    const { body } = await tested.request("GET", "/v1/images/a/history");
    expect(body.find(({ move }: { move: string }) => move === "remount").error.message).toMatch(/nothing is mounted/);
  });

  it("mounts again after another boot, and judges nothing that another mount namespace of this boot made", async () => {
    await put("a");
    await sweepUntilRest();
    execFileSync("umount", [tested.store.path("active", "a")]);
    const rewrite = async (assignment: string): Promise<void> => {
      const database = await openFileDatabase(tested.store.path("imgstore.db"));
      await database.batch([{ sql: `UPDATE placements SET ${assignment}`, args: {} }]);
      await database.close();
    };

    await rewrite("mount_ns = '1'");
    await sweepUntilRest();
    expect(existsSync(tested.store.path("active", "a", "etc"))).toBe(false);

    await rewrite("boot_id = 'another'");
    await sweepUntilRest();
    expect(existsSync(tested.store.path("active", "a", "etc"))).toBe(true);
  });
});
