import { createHash } from "node:crypto";
import { createReadStream, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type CommandLine, commandLine } from "../support/command-line.ts";
import { type FaultyServer, startFaultyServer } from "../support/faulty-server.ts";
import { type LargeImage, makeLargeImage } from "../support/large-image.ts";
import { contentsOf } from "../support/store-contents.ts";
import { makeTemporaryStore, type TemporaryStore } from "../support/temporary-store.ts";

const MEGABYTE = 1_000_000;
const CUT = 10 * MEGABYTE;
/** What may be on its way when a connection ends, and is lost. */
const EDGE = MEGABYTE;

let directory: string;
let image: LargeImage;
let server: FaultyServer;
let store: TemporaryStore;
let imgstore: CommandLine;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), "imgstore-large-"));
  image = makeLargeImage(directory, { files: 4, fileBytes: 50 * MEGABYTE });
  server = await startFaultyServer({ object: image.bytes });
  store = makeTemporaryStore();
  imgstore = commandLine(store.root, { IMGSTORE_BACKOFF_MAX_MS: "10" });
}, 60_000);

afterEach(async () => {
  await imgstore.end();
  await server.close();
  await store.remove();
  rmSync(directory, { recursive: true });
});

test("imgstore fetch of 200 MB from a server that cuts every 10 MB asks for no byte twice but at the edges", async () => {
  const fetched = await imgstore.json(0, "fetch", "big", `${server.origin}/big?cut=${CUT}`, image.digest);
  expect(fetched).toMatchObject({ state: "ACTIVE", error: null });
  for (const [name, digest] of Object.entries(image.files)) {
    expect([name, await digestOf(join(fetched.mountPoint, name))]).toEqual([name, digest]);
  }
  expect(contentsOf(store)).toMatchObject({ blobs: [image.digest.slice(7)], tmp: [] });

  const { log } = server;
  expect(log.length).toBeGreaterThanOrEqual(20);
  for (const [index, { firstByte }] of log.entries()) {
    const { firstByte: before = 0, sentBytes = 0 } = log[index - 1] ?? {};
    expect(firstByte).toBeLessThanOrEqual(before + sentBytes);
    expect(firstByte).toBeGreaterThanOrEqual(before + sentBytes - EDGE);
  }
  const sentBytes = log.reduce((sum, answer) => sum + answer.sentBytes, 0);
  expect(sentBytes).toBeLessThanOrEqual(image.bytes.length + (log.length - 1) * EDGE);
}, 120_000);

async function digestOf(path: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash);
  return hash.digest("hex");
}
