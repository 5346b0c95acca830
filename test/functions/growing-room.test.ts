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

test("of two downloads of unknown length for which there is no room together, one waits until there is", async () => {
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
  // Early, by what is reserved; once one of them is alone, it may go on to what the disk really takes.
  expect(errors).toContainEqual(expect.stringMatching(/^NO_SPACE "." needs about /));
  expect(errors.filter((error) => !error.startsWith("NO_SPACE "))).toEqual([]);

  await runSteps(composed.engine, [{ do: "target", name: stored, target: "REMOVED" }, { do: "work" }]);
  expect(await composed.engine.images.load(waiting)).toMatchObject({ state: "STORED", error: null });
});
