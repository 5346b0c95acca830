import { readdirSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ImageJson } from "../../functions/http/wire.ts";
import { type CommandLine, commandLine } from "../support/command-line.ts";
import { makeSmallImage } from "../support/small-image.ts";
import { openStoreUnderTest, type StoreUnderTest } from "../support/store-under-test.ts";

const WORKERS = 8;
const IMAGES = 200;
/** Images share digests, so that workers also wait for each other's blobs and layers. */
const CONTENTS = 40;

describe(`${WORKERS} workers at once on ${IMAGES} images`, () => {
  let tested: StoreUnderTest;
  let command: CommandLine;

  beforeEach(async () => {
    tested = await openStoreUnderTest();
    command = commandLine(tested.store.root);
  });

  afterEach(async () => {
    await command.end();
    await tested.remove();
  }, 60_000);

  it("make every image ACTIVE, every move exactly once in history, nothing stray", async () => {
    const { store } = tested;
    const images = Array.from({ length: CONTENTS }, (_, index) => makeSmallImage(store.path(), `content-${index}`));
    const names = Array.from({ length: IMAGES }, (_, index) => `image-${index}`);
    for (const [index, name] of names.entries()) {
      const image = images[index % CONTENTS];
      const body = { source: image?.path, checksum: image?.digest };
      expect((await tested.request("PUT", `/v1/images/${name}`, { body })).status).toBe(201);
    }

    const workers = Array.from({ length: WORKERS }, () => command.start("worker"));
    await untilAllActive();
    for (const { child } of workers) child.kill("SIGTERM");
    for (const { finished } of workers) expect(await finished).toMatchObject({ exitCode: 0 });

    const expected = Object.fromEntries(MOVES.map((move) => [move, 1]));
    for (const name of names) {
      const { body } = await tested.request("GET", `/v1/images/${name}/history`);
      const counts: Record<string, number> = {};
      for (const { move, fromState, toState } of body) {
        if (fromState !== toState) counts[move] = (counts[move] ?? 0) + 1;
      }
      expect([name, counts]).toEqual([name, expected]);
    }
    expect(readdirSync(store.path("tmp"))).toEqual([]);
    expect(readdirSync(store.path("blobs"))).toHaveLength(CONTENTS);
    expect(readdirSync(store.path("images"))).toHaveLength(CONTENTS);
  }, 300_000);

  async function untilAllActive(): Promise<void> {
    for (;;) {
      const { body } = await tested.request("GET", "/v1/images?limit=1000");
      const failed = body.images.filter(({ state }: ImageJson) => state === "FAILED");
      expect(failed.map(({ name, error }: ImageJson) => [name, error])).toEqual([]);
      if (body.images.every(({ state }: ImageJson) => state === "ACTIVE")) return;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
});

const MOVES = [
  "register",
  "begin-download",
  "finish-download",
  "begin-unpack",
  "finish-unpack",
  "store",
  "begin-activate",
  "finish-activate",
];
