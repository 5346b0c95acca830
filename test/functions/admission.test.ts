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
    writeFileSync(join(disk.path, "filler"), Buffer.alloc(16 * MB));
    expect(readdirSync(join(root, "images"))).toHaveLength(1);

    await register("b", 1);
    await work();
    expect(await load("b")).toMatchObject({ state: "STORED", error: null });
    expect(readdirSync(join(root, "blobs"))).toEqual([image(1).digest.slice(7)]);
    expect(readdirSync(join(root, "images"))).toHaveLength(1);
  });
});
