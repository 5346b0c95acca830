import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Hono } from "hono";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type ClosableSources, createSources } from "../../adapters/sources/sources.ts";
import { createApp } from "../../functions/http/app.ts";
import type { HistoryEntryJson, ImageJson, SweepJson } from "../../functions/http/wire.ts";
import { type EngineUnderTest, openEngineUnderTest } from "../support/engine-under-test.ts";
import { type FaultyServer, startFaultyServer } from "../support/faulty-server.ts";
import { type LargeImage, makeLargeImage } from "../support/large-image.ts";
import { contentsOf } from "../support/store-contents.ts";

/** In the product it is 30 s. */
const WINDOW_MS = 300;
const MIN_BYTES_PER_SECOND = 100_000;
const MAX_ATTEMPTS = 3;

vi.setConfig({ testTimeout: 60_000 });

let directory: string;
let image: LargeImage;
let server: FaultyServer;
let tested: EngineUnderTest;
let sources: ClosableSources;
let app: Hono;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), "imgstore-stalls-"));
  image = makeLargeImage(directory, { files: 1, fileBytes: 1_000_000 });
  server = await startFaultyServer({ object: image.bytes });
  tested = await openEngineUnderTest({ IMGSTORE_MAX_ATTEMPTS: String(MAX_ATTEMPTS) });
  sources = createSources({ minBytesPerSecond: MIN_BYTES_PER_SECOND, stallWindowMs: WINDOW_MS });
  const { engine } = tested;
  const disk = async () => ({ ...(await engine.disk()), sources });
  const onInternalError = (error: Error): never => {
    throw error;
  };
  app = createApp({ ...engine, disk }, { token: null, budgetMs: null, onInternalError });
});

afterEach(async () => {
  await server.close();
  await sources.close();
  await tested.remove();
  rmSync(directory, { recursive: true });
});

async function request<T>(method: string, path: string, body?: object): Promise<T> {
  const headers = { "content-type": "application/json" };
  const response = await app.request(path, { method, headers, ...(body ? { body: JSON.stringify(body) } : {}) });
  return (await response.json()) as T;
}

/** By sweeps alone, until the image rests; how, and what its attempts at the download ended with. */
async function fetched(query: string): Promise<{ state: string; errors: (string | undefined)[] }> {
  await request("PUT", "/v1/images/web", { source: `${server.origin}/x?${query}`, checksum: image.digest });
  for (let dueAtMs: number | null = 0; dueAtMs !== null; ) {
    ({ nextDueAtMs: dueAtMs } = await request<SweepJson>("POST", "/v1/sweep", {}));
  }
  const { state } = await request<ImageJson>("GET", "/v1/images/web");
  const history = await request<HistoryEntryJson[]>("GET", "/v1/images/web/history");
  const attempts = history.filter(({ move }) => move === "finish-download" || move === "give-up");
  return { state, errors: attempts.map(({ error }) => error?.code) };
}

describe("POST /v1/sweep over a source", () => {
  test("that says nothing more is tried again from there, and ends ACTIVE", async () => {
    expect(await fetched("stall=400000&bad=1")).toEqual({ state: "ACTIVE", errors: ["SOURCE_STALLED", undefined] });
    expect(server.log.map(({ firstByte }) => firstByte > 0)).toEqual([false, true]);
    expect(contentsOf(tested.store)).toMatchObject({ blobs: [image.digest.slice(7)], tmp: [] });
  });

  test("that never answers ends FAILED after its attempts", async () => {
    const stalled = Array.from({ length: MAX_ATTEMPTS }, () => "SOURCE_STALLED");
    expect(await fetched("delay=1000000")).toEqual({ state: "FAILED", errors: stalled });
    expect(contentsOf(tested.store)).toMatchObject({ images: [], tmp: [] });
  });

  test("that trickles below the minimum rate is left and tried again as long as it brings new bytes", async () => {
    const stalled = Array.from({ length: MAX_ATTEMPTS + 2 }, () => "SOURCE_STALLED");
    const fetch = await fetched(`trickle=20000&every=1000&bad=${stalled.length}`);
    expect(fetch).toEqual({ state: "ACTIVE", errors: [...stalled, undefined] });
  });
});
