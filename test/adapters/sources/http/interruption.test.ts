import { randomBytes } from "node:crypto";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type ClosableSources, createSources } from "../../../../adapters/sources/sources.ts";
import { type FaultyServer, startFaultyServer } from "../../../support/faulty-server.ts";
import { openText, readAll } from "../../../support/fetched.ts";

const object = randomBytes(8_000_000);
const INTERRUPTED: unknown = expect.objectContaining({ name: "ImgstoreError", code: "INTERRUPTED" });
let server: FaultyServer;
let sources: ClosableSources;
let stop: AbortController;

beforeEach(async () => {
  server = await startFaultyServer({ object });
  sources = createSources({ minBytesPerSecond: 0 });
  stop = new AbortController();
});
afterEach(async () => {
  await sources.close();
  await server.close();
});

async function noConnectionIsLeft(): Promise<void> {
  await expect.poll(() => server.openConnections(), { timeout: 5000 }).toBe(0);
}

test("open http: a signal that has fired asks nobody", async () => {
  stop.abort();
  await expect(openText(sources, `${server.origin}/x`, { signal: stop.signal })).rejects.toEqual(INTERRUPTED);
  expect(server.log).toEqual([]);
});

test("open http: a signal ends the wait for an answer, and its connection", async () => {
  const opening = openText(sources, `${server.origin}/x?delay=60000`, { signal: stop.signal });
  const settled = opening.catch((error: unknown) => error);
  await expect.poll(() => server.log.length).toBe(1);
  stop.abort(new Error("lease over"));
  expect(await settled).toEqual(expect.objectContaining({ code: "INTERRUPTED", cause: new Error("lease over") }));
  await noConnectionIsLeft();
});

test("open http: a signal ends a body that is waited for, and its connection", async () => {
  const opened = await openText(sources, `${server.origin}/x?stall=1000`, { signal: stop.signal });
  const settled = readAll(opened).catch((error: unknown) => error);
  stop.abort();
  expect(await settled).toEqual(INTERRUPTED);
  await noConnectionIsLeft();
});

test("open http: a consumer that stops in the middle ends the connection", async () => {
  const opened = await openText(sources, `${server.origin}/x`);
  for await (const _ of opened.body) break;
  await noConnectionIsLeft();
});

test("close of an opened source: ends the connection of a body that nobody reads", async () => {
  const opened = await openText(sources, `${server.origin}/x`);
  opened.close();
  await noConnectionIsLeft();
});

test("open http: a refused answer leaves no connection", async () => {
  await expect(openText(sources, `${server.origin}/x`, { maxBytes: 1 })).rejects.toThrow("more than 1");
  await noConnectionIsLeft();
});

test("close of the sources: ends what is under way, and a later open starts anew", async () => {
  const opened = await openText(sources, `${server.origin}/x?stall=1000`);
  const settled = readAll(opened).catch((error: unknown) => error);
  await sources.close();
  expect(await settled).toEqual(expect.objectContaining({ code: "SOURCE_UNAVAILABLE" }));
  expect((await readAll(await openText(sources, `${server.origin}/x`))).equals(object)).toBe(true);
});
