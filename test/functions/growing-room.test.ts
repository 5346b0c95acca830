import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { parseSettings } from "../../core/settings.ts";
import { sweep } from "../../functions/cron/sweep.ts";
import { type Composed, compose } from "../../functions/runtimes/compose.ts";
import { runSteps } from "../../scripts/faults/crash/run-steps.ts";
import { type FaultyServer, startFaultyServer } from "../support/faulty-server.ts";
import { makeLargeImage } from "../support/large-image.ts";
import { mountSmallDisk, type SmallDisk } from "../support/small-disk.ts";
import { makeTemporaryStore, type TemporaryStore } from "../support/temporary-store.ts";

const MB = 2 ** 20;

let disk: SmallDisk;
let elsewhere: TemporaryStore;
let servers: FaultyServer[];
let composed: Composed;

beforeEach(async () => {
  disk = mountSmallDisk(48 * MB);
  elsewhere = makeTemporaryStore();
  servers = [];
  const environment = { IMGSTORE_ROOT: join(disk.path, "store"), IMGSTORE_NODE: "here", IMGSTORE_BACKOFF_MAX_MS: "30" };
  composed = await compose(parseSettings(environment, { hostName: "here", absolute: (path) => path }), {
    outlivesRequests: true,
  });
});

afterEach(async () => {
  await composed.close();
  for (const { close } of servers) await close();
  disk.remove();
  await elsewhere.remove();
});

/** An image of 21 MB, and 21 MB unpacked, that comes slowly and from a source that does not say how much there is. */
async function register(name: string): Promise<void> {
  mkdirSync(elsewhere.path(name));
  const { bytes, digest } = makeLargeImage(elsewhere.path(name), { files: 21, fileBytes: MB });
  const server = await startFaultyServer({ object: bytes });
  servers.push(server);
  const source = `${server.origin}/image?chunked&trickle=${MB}&every=20`;
  await runSteps(composed.engine, [{ do: "register", image: { name, source, checksum: digest, target: "STORED" } }]);
}

test("two downloads of unknown length do not fill the disk between them: one waits until there is room for it", async () => {
  await register("a");
  await register("b");
  const states = async (): Promise<string[]> =>
    Promise.all(["a", "b"].map(async (name) => (await composed.engine.images.load(name))?.state ?? "gone"));
  while (!(await states()).includes("STORED")) {
    await sweep(composed.engine, { limit: 10, concurrency: 2, budgetMs: null });
  }
  const [stored, waiting] = (await states())[0] === "STORED" ? ["a", "b"] : ["b", "a"];
  const rows = (await Promise.all(["a", "b"].map((name) => composed.engine.images.history(name, "all")))).flat();
  const errors = rows.flatMap(({ error }) => (error === null ? [] : [`${error.code} ${error.message}`]));
  expect(errors.length).toBeGreaterThan(0);
  expect(errors.filter((error) => !/^NO_SPACE "." needs about /.test(error))).toEqual([]);

  await runSteps(composed.engine, [{ do: "target", name: stored, target: "REMOVED" }, { do: "work" }]);
  expect(await composed.engine.images.load(waiting)).toMatchObject({ state: "STORED", error: null });
});
