import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { type ClosableSources, createSources } from "../../../../adapters/sources/sources.ts";
import { type FaultyServer, startFaultyServer } from "../../../support/faulty-server.ts";
import { openText, readAll } from "../../../support/fetched.ts";

const object = randomBytes(700_000);
let server: FaultyServer;
let sources: ClosableSources;

beforeAll(async () => {
  server = await startFaultyServer({ object });
});
afterAll(() => server.close());
beforeEach(() => {
  sources = createSources({ minBytesPerSecond: 1000, stallWindowMs: 300 });
});
afterEach(() => sources.close());

const fails = (code: string, message: RegExp, more: object = {}): unknown =>
  expect.objectContaining({ name: "ImgstoreError", code, message: expect.stringMatching(message), ...more });

test("open http: gives the object's bytes, size and strong ETag, and asks for them as they are stored", async () => {
  const opened = await openText(sources, `${server.origin}/plain`);
  expect(opened).toMatchObject({
    offset: 0,
    totalBytes: object.length,
    validator: expect.stringMatching(/^"\w{16}"$/),
  });
  expect((await readAll(opened)).equals(object)).toBe(true);
  expect(server.log.at(-1)?.headers).toMatchObject({ "accept-encoding": "identity", "user-agent": "imgstore" });
});

test("open http: without a Content-Length the size is unknown and the bytes are the same", async () => {
  const opened = await openText(sources, `${server.origin}/x?chunked`);
  expect(opened.totalBytes).toBeNull();
  expect((await readAll(opened)).equals(object)).toBe(true);
});

test("open http: a connection that closes before the end is SOURCE_UNAVAILABLE after the bytes that came", async () => {
  const opened = await openText(sources, `${server.origin}/x?cut=100000`);
  let received = 0;
  const reading = (async () => {
    for await (const chunk of opened.body) received += chunk.byteLength;
  })();
  await expect(reading).rejects.toEqual(fails("SOURCE_UNAVAILABLE", /cut short|closed/));
  expect(received).toBe(100_000);
});

test("open http: a chunked answer that is cut does not end as if it were whole", async () => {
  const opened = await openText(sources, `${server.origin}/x?chunked&cut=100000`);
  await expect(readAll(opened)).rejects.toEqual(fails("SOURCE_UNAVAILABLE", /closed/));
});

test("open http: a reset connection is SOURCE_UNAVAILABLE", async () => {
  const opened = await openText(sources, `${server.origin}/x?reset=100000`);
  await expect(readAll(opened)).rejects.toEqual(fails("SOURCE_UNAVAILABLE", /reset|closed/));
});

test("open http: fewer bytes than announced are SOURCE_UNAVAILABLE", async () => {
  const opened = await openText(sources, `${server.origin}/x?short=5`);
  expect(opened.totalBytes).toBe(object.length + 5);
  await expect(readAll(opened)).rejects.toEqual(fails("SOURCE_UNAVAILABLE", /cut short|closed/));
});

test("open http: bytes after the announced ones are not part of the body", async () => {
  const opened = await openText(sources, `${server.origin}/x?long=7`);
  expect((await readAll(opened)).equals(object)).toBe(true);
});

test("open http: one byte more than Content-Range announces is SIZE_MISMATCH", async () => {
  const opened = await openText(sources, `${server.origin}/x?chunked&long=1`, { offset: 600_000 });
  expect(opened).toMatchObject({ offset: 600_000, totalBytes: object.length });
  await expect(readAll(opened)).rejects.toEqual(fails("SIZE_MISMATCH", /announced 100000 bytes and sends more/));
});

test("open http: silence in the middle of the body is SOURCE_STALLED", async () => {
  const opened = await openText(sources, `${server.origin}/x?stall=1000`);
  await expect(readAll(opened)).rejects.toEqual(fails("SOURCE_STALLED", /only \d+ bytes came in 0\.3 s/));
});

test("open http: a trickle below the minimum rate is SOURCE_STALLED", async () => {
  const opened = await openText(sources, `${server.origin}/x?trickle=1&every=10`);
  await expect(readAll(opened)).rejects.toEqual(fails("SOURCE_STALLED", /only \d+ bytes came in 0\.3 s/));
});

test("open http: a minimum rate of 0 lets a trickle come to its end", async () => {
  const patient = createSources({ minBytesPerSecond: 0, stallWindowMs: 50 });
  try {
    const opened = await openText(patient, `${server.origin}/x?trickle=100&every=20`, { offset: 699_000 });
    expect((await readAll(opened)).equals(object.subarray(699_000))).toBe(true);
  } finally {
    await patient.close();
  }
});

test("open http: a consumer that takes its time is not the source's stall", async () => {
  const opened = await openText(sources, `${server.origin}/x`);
  const chunks: Uint8Array[] = [];
  for await (const chunk of opened.body) {
    if (chunks.length === 0) await new Promise((resolve) => setTimeout(resolve, 700));
    chunks.push(chunk);
  }
  expect(Buffer.concat(chunks).equals(object)).toBe(true);
});

test("open http: no answer in time is SOURCE_STALLED", async () => {
  await expect(openText(sources, `${server.origin}/x?delay=5000`)).rejects.toEqual(fails("SOURCE_STALLED", /answer/));
});

test("open http: a server that goes on with another protocol is SOURCE_UNAVAILABLE", async () => {
  const raw = createServer((socket) => {
    socket.once("data", () =>
      socket.write("HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n"),
    );
    socket.on("error", () => {});
  }).listen(0, "127.0.0.1");
  try {
    await once(raw, "listening");
    const { port } = raw.address() as AddressInfo;
    await expect(openText(sources, `http://127.0.0.1:${port}/x`)).rejects.toEqual(fails("SOURCE_UNAVAILABLE", /reset/));
  } finally {
    raw.close();
  }
});

test("open http: a Content-Encoding that was not asked for is SOURCE_REFUSED", async () => {
  await expect(openText(sources, `${server.origin}/x?encoding=gzip`)).rejects.toEqual(
    fails("SOURCE_REFUSED", /Content-Encoding "gzip"/, { hint: expect.stringContaining("as it is") }),
  );
});

test("open http: an announced length beyond the limit is IMAGE_TOO_LARGE before the first byte", async () => {
  await expect(openText(sources, `${server.origin}/x`, { maxBytes: 699_999 })).rejects.toEqual(
    fails("IMAGE_TOO_LARGE", /has 700000 bytes, more than 699999/, {
      hint: expect.stringContaining("IMGSTORE_MAX_IMAGE_BYTES"),
    }),
  );
});

test.each([
  [404, "SOURCE_NOT_FOUND"],
  [410, "SOURCE_NOT_FOUND"],
  [401, "SOURCE_FORBIDDEN"],
  [403, "SOURCE_FORBIDDEN"],
  [400, "SOURCE_REFUSED"],
  [416, "SOURCE_REFUSED"],
  [204, "SOURCE_REFUSED"],
  [304, "SOURCE_REFUSED"],
  [408, "SOURCE_UNAVAILABLE"],
  [429, "SOURCE_UNAVAILABLE"],
  [500, "SOURCE_UNAVAILABLE"],
  [503, "SOURCE_UNAVAILABLE"],
])("open http: the answer %i is %s", async (status, code) => {
  await expect(openText(sources, `${server.origin}/x?status=${status}`)).rejects.toEqual(
    fails(code, new RegExp(`the server answered ${status} `)),
  );
});

test.each([
  ["2", 2000],
  ["86400", 600_000],
  ["Thu, 01 Jan 1970 00:00:00 GMT", 0],
  ["soon", null],
])("open http: Retry-After %s of a 503 is %s ms", async (retryAfter, retryAfterMs) => {
  const url = `${server.origin}/x?status=503&retryafter=${encodeURIComponent(retryAfter)}`;
  await expect(openText(sources, url)).rejects.toEqual(fails("SOURCE_UNAVAILABLE", /503/, { retryAfterMs }));
});

test("open http: a server that recovers is taken at the next try", async () => {
  const url = `${server.origin}/recovers?status=503&times=2`;
  for (const _ of [1, 2]) await expect(openText(sources, url)).rejects.toEqual(fails("SOURCE_UNAVAILABLE", /503/));
  expect((await readAll(await openText(sources, url))).equals(object)).toBe(true);
});

test("open http: a refused connection is SOURCE_UNAVAILABLE in plain words", async () => {
  const gone = await startFaultyServer({ object });
  await gone.close();
  await expect(openText(sources, `${gone.origin}/x`)).rejects.toEqual(
    fails("SOURCE_UNAVAILABLE", /^cannot fetch "http:.*\/x": the connection was refused$/),
  );
});

test("open http: an unknown host is SOURCE_UNAVAILABLE", async () => {
  await expect(openText(sources, "http://no-such-host.invalid/x")).rejects.toEqual(
    fails("SOURCE_UNAVAILABLE", /the host name/),
  );
});

test("open http: messages hide credentials and signatures", async () => {
  const url = `${server.origin.replace("//", "//me:s3cret@")}/x?status=404&X-Amz-Signature=5igned`;
  const failure = await openText(sources, url).catch((error: unknown) => error);
  expect(failure).toEqual(fails("SOURCE_NOT_FOUND", /404/));
  expect(JSON.stringify(failure, Object.getOwnPropertyNames(failure))).not.toMatch(/s3cret|5igned/);
  expect(server.log.at(-1)?.headers.authorization).toBe(`Basic ${Buffer.from("me:s3cret").toString("base64")}`);
});
