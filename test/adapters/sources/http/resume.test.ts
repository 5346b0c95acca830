import { randomBytes } from "node:crypto";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { type ClosableSources, createSources } from "../../../../adapters/sources/sources.ts";
import { type FaultyServer, startFaultyServer } from "../../../support/faulty-server.ts";
import { openText, readAll } from "../../../support/fetched.ts";

const object = randomBytes(300_000);
const inverted = Buffer.from(object.map((byte) => byte ^ 0xff));
let server: FaultyServer;
let sources: ClosableSources;

beforeAll(async () => {
  server = await startFaultyServer({ object });
});
afterAll(() => server.close());
beforeEach(() => {
  sources = createSources({ minBytesPerSecond: 0 });
});
afterEach(() => sources.close());

async function validatorOf(url: string): Promise<string | null> {
  const opened = await openText(sources, url);
  opened.close();
  return opened.validator;
}

test("open http: resumes with Range and If-Range", async () => {
  const url = `${server.origin}/a`;
  const validator = await validatorOf(url);
  const opened = await openText(sources, url, { offset: 120_000, validator });
  expect(opened).toMatchObject({ offset: 120_000, totalBytes: object.length, validator });
  expect((await readAll(opened)).equals(object.subarray(120_000))).toBe(true);
  expect(server.log.at(-1)).toMatchObject({
    headers: { range: "bytes=120000-", "if-range": validator },
    status: 206,
    firstByte: 120_000,
    sentBytes: 180_000,
  });
});

test("open http: resumes without If-Range where no validator is known", async () => {
  const opened = await openText(sources, `${server.origin}/b`, { offset: 100 });
  expect(opened.offset).toBe(100);
  expect((await readAll(opened)).equals(object.subarray(100))).toBe(true);
  expect(server.log.at(-1)?.headers).not.toHaveProperty("if-range");
});

test("open http: a server that ignores Range is taken from 0", async () => {
  const opened = await openText(sources, `${server.origin}/c?ignorerange`, { offset: 100 });
  expect(opened.offset).toBe(0);
  expect((await readAll(opened)).equals(object)).toBe(true);
});

test("open http: an object that changed is taken from 0, with its new validator", async () => {
  const url = `${server.origin}/d?replaced`;
  const validator = await validatorOf(url);
  const opened = await openText(sources, url, { offset: 100, validator });
  expect(opened.offset).toBe(0);
  expect(opened.validator).not.toBe(validator);
  expect((await readAll(opened)).equals(inverted)).toBe(true);
});

test("open http: an object that changed is taken from 0 also where the server ignores If-Range", async () => {
  const url = `${server.origin}/e?replaced&ignoreifrange`;
  const opened = await openText(sources, url, { offset: 100, validator: await validatorOf(url) });
  expect(opened.offset).toBe(0);
  expect((await readAll(opened)).equals(inverted)).toBe(true);
});

test("open http: a part that begins elsewhere is not taken", async () => {
  const opened = await openText(sources, `${server.origin}/f?badrange=1`, { offset: 100 });
  expect(opened.offset).toBe(0);
  expect((await readAll(opened)).equals(object)).toBe(true);
});

test("open http: nothing is missing where the object ends at the offset", async () => {
  const url = `${server.origin}/g`;
  const validator = await validatorOf(url);
  const opened = await openText(sources, url, { offset: object.length, validator });
  expect(opened).toMatchObject({ offset: object.length, totalBytes: object.length, validator });
  expect(await readAll(opened)).toHaveLength(0);
});

test("open http: an object that is shorter than the offset is taken from 0", async () => {
  const opened = await openText(sources, `${server.origin}/h`, { offset: object.length + 1 });
  expect(opened.offset).toBe(0);
  expect((await readAll(opened)).equals(object)).toBe(true);
});

test("open http: the validator of another kind of source vouches for nothing", async () => {
  const opened = await openText(sources, `${server.origin}/i`, { offset: 100, validator: "file:1:2:3:4" });
  expect(opened.offset).toBe(0);
  opened.close();
  expect(server.log.at(-1)?.headers).not.toHaveProperty("range");
});

const modified = (date: string): string => `&modified=${encodeURIComponent(date)}`;

test("open http: a weak or missing ETag is no validator, an old Last-Modified is one, a fresh one is not", async () => {
  const old = "Mon, 02 Jan 2023 03:04:05 GMT";
  expect(await validatorOf(`${server.origin}/j?etag=weak${modified(old)}`)).toBeNull();
  expect(await validatorOf(`${server.origin}/j?etag=none`)).toBeNull();
  expect(await validatorOf(`${server.origin}/j?etag=none${modified(old)}`)).toBe(old);
  expect(await validatorOf(`${server.origin}/j?etag=none${modified(new Date().toUTCString())}`)).toBeNull();
});

test("open http: resumes by an old Last-Modified", async () => {
  const url = `${server.origin}/k?etag=none&modified=${encodeURIComponent("Mon, 02 Jan 2023 03:04:05 GMT")}`;
  const opened = await openText(sources, url, { offset: 100, validator: await validatorOf(url) });
  expect(opened.offset).toBe(100);
  expect((await readAll(opened)).equals(object.subarray(100))).toBe(true);
});

test("open http: a server that cuts every 40,000 bytes sends each byte once to a client that resumes", async () => {
  const url = `${server.origin}/l?cut=40000`;
  const received: Uint8Array[] = [];
  const offset = (): number => Buffer.concat(received).length;
  let validator: string | null = null;
  for (let tries = 0; offset() < object.length && tries < 20; tries++) {
    const opened = await openText(sources, url, { offset: offset(), validator });
    expect(opened.offset).toBe(offset());
    validator = opened.validator;
    try {
      for await (const chunk of opened.body) received.push(chunk);
    } catch (error) {
      expect(error).toMatchObject({ code: "SOURCE_UNAVAILABLE" });
    }
  }
  expect(Buffer.concat(received).equals(object)).toBe(true);
  const sent = server.log.filter(({ target }) => target.startsWith("/l")).map(({ sentBytes }) => sentBytes);
  expect(sent.reduce((sum, bytes) => sum + bytes, 0)).toBe(object.length);
});
