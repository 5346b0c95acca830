import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parseSettings } from "../../core/settings.ts";
import { sweep } from "../../functions/cron/sweep.ts";
import { type Composed, compose } from "../../functions/runtimes/compose.ts";
import { runSteps } from "../../scripts/faults/crash/run-steps.ts";
import { type LargeImage, makeLargeImage } from "../support/large-image.ts";
import { mountSmallDisk, type SmallDisk } from "../support/small-disk.ts";
import { makeTemporaryStore, type TemporaryStore } from "../support/temporary-store.ts";

const MB = 2 ** 20;
const EVERY_ROW = { limit: 10, concurrency: 1, budgetMs: null };

describe("an image on a small disk", () => {
  let disk: SmallDisk;
  let elsewhere: TemporaryStore;
  let composed: Composed;
  let root: string;
  const images: LargeImage[] = [];

  beforeEach(async () => {
    disk = mountSmallDisk(40 * MB);
    elsewhere = makeTemporaryStore();
    images.length = 0;
    for (const name of ["first", "second"]) {
      mkdirSync(elsewhere.path(name));
      images.push(makeLargeImage(elsewhere.path(name), { files: 6, fileBytes: MB }));
    }
    root = join(disk.path, "store");
    const settings = parseSettings(
      { IMGSTORE_ROOT: root, IMGSTORE_NODE: "here", IMGSTORE_BACKOFF_MAX_MS: "30" },
      { hostName: "here", absolute: (path) => path },
    );
    composed = await compose(settings, { outlivesRequests: true });
  });

  afterEach(async () => {
    await composed.close();
    disk.remove();
    await elsewhere.remove();
  });

  const image = (index: number): LargeImage => {
    const made = images[index];
    if (made === undefined) throw new Error("there are two");
    return made;
  };
  const register = (name: string, index: number) =>
    runSteps(composed.engine, [
      { do: "register", image: { name, source: image(index).path, checksum: image(index).digest, target: "STORED" } },
    ]);
  const work = () => runSteps(composed.engine, [{ do: "work" }]);
  const load = (name: string) => composed.engine.images.load(name);
  const reserved = async (): Promise<unknown> =>
    (
      await composed.database.read([
        { sql: "SELECT sum(reserved_bytes + reserved_inodes) AS n FROM placements", args: {} },
      ])
    )[0]?.[0]?.["n"];

  it("that does not fit waits with NO_SPACE before a byte of it is written, and goes on when there is room", async () => {
    const filler = join(disk.path, "filler");
    writeFileSync(filler, Buffer.alloc(28 * MB));
    await register("a", 0);
    for (let sweeps = 0; sweeps < 4; sweeps += 1) await sweep(composed.engine, EVERY_ROW);

    const waiting = await load("a");
    expect(waiting).toMatchObject({ state: "DOWNLOADING", attempt: 0, error: { code: "NO_SPACE" } });
    expect(waiting?.error?.message).toMatch(/needs about 25\.\d MB in ".*store", and 10\.\d MB are free/);
    expect(waiting?.dueAtMs).not.toBeNull();
    const written = readdirSync(join(root, "blobs"));
    expect([written, readdirSync(join(root, "tmp"))]).toEqual([[], []]);
    expect(await reserved()).toBe(0);

    rmSync(filler);
    await work();
    expect(await load("a")).toMatchObject({ state: "STORED", error: null });
    expect(await reserved()).toBe(0);
  });

  it("has room made for it from what no image refers to any more", async () => {
    await register("a", 0);
    await work();
    await runSteps(composed.engine, [{ do: "target", name: "a", target: "REMOVED" }, { do: "work" }]);
    writeFileSync(join(disk.path, "filler"), Buffer.alloc(12 * MB));
    // of an image that was removed in the middle of its download
    writeFileSync(join(root, "blobs", `${"b".repeat(64)}.tmp`), Buffer.alloc(4 * MB));
    expect(readdirSync(join(root, "images"))).toHaveLength(1);

    await register("b", 1);
    await work();
    expect(await load("b")).toMatchObject({ state: "STORED", error: null });
    expect(readdirSync(join(root, "blobs"))).toEqual([image(1).digest.slice(7)]);
    expect(readdirSync(join(root, "images"))).toHaveLength(1);
  });
});

describe("IMGSTORE_MAX_BYTES", () => {
  let store: TemporaryStore;
  let composed: Composed;
  beforeEach(() => {
    store = makeTemporaryStore();
  });
  afterEach(async () => {
    await composed.close();
    await store.remove();
  });

  const open = async (maxBytes: number): Promise<void> => {
    const settings = parseSettings(
      {
        IMGSTORE_ROOT: store.root,
        IMGSTORE_NODE: "here",
        IMGSTORE_BACKOFF_MAX_MS: "30",
        IMGSTORE_MAX_BYTES: String(maxBytes),
      },
      { hostName: "here", absolute: (path) => path },
    );
    composed = await compose(settings, { outlivesRequests: true });
  };
  const fetch = async (name: string): Promise<void> => {
    mkdirSync(store.path("tmp", name));
    const { path, digest } = makeLargeImage(store.path("tmp", name), { files: 4, fileBytes: MB });
    await runSteps(composed.engine, [
      { do: "register", image: { name, source: path, checksum: digest, target: "STORED" } },
      { do: "work" },
    ]);
  };
  const stateOf = async (name: string) => (await composed.engine.images.load(name))?.state;
  const blobs = () => readdirSync(store.path("blobs")).length;
  const trees = () => readdirSync(store.path("images")).length;

  it("lets the blobs go first that no image needs, those that were asked for the longest ago", async () => {
    await open(21 * MB);
    await fetch("a");
    await fetch("b");
    expect([blobs(), trees()]).toEqual([2, 2]);
    const kept = (await composed.engine.images.load("b"))?.checksum?.slice(7);
    await fetch("c");
    expect([await stateOf("a"), await stateOf("b"), await stateOf("c")]).toEqual(["STORED", "STORED", "STORED"]);
    expect(trees()).toBe(3);
    expect(readdirSync(store.path("blobs"))).toContain(kept);
    expect(blobs()).toBe(2);
  });

  it("is kept by a sweep after it was lowered, and what images refer to stays", async () => {
    await open(0);
    await fetch("a");
    await fetch("b");
    await composed.close();
    await open(MB);
    await sweep(composed.engine, EVERY_ROW);
    expect([blobs(), trees()]).toEqual([0, 2]);
  });

  it("that an image cannot be brought under keeps it waiting, and names the setting", async () => {
    await open(5 * MB);
    mkdirSync(store.path("tmp", "a"));
    const { path, digest } = makeLargeImage(store.path("tmp", "a"), { files: 4, fileBytes: MB });
    await runSteps(composed.engine, [{ do: "register", image: { name: "a", source: path, checksum: digest } }]);
    for (let sweeps = 0; sweeps < 3; sweeps += 1) await sweep(composed.engine, EVERY_ROW);
    const waiting = await composed.engine.images.load("a");
    expect(waiting).toMatchObject({ state: "DOWNLOADING", error: { code: "NO_SPACE" } });
    expect(waiting?.error?.message).toMatch(/in the budget of IMGSTORE_MAX_BYTES.*more than all of it, 5\.24 MB/);
  });
});
