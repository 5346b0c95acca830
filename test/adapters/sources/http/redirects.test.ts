import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { type ClosableSources, createSources } from "../../../../adapters/sources/sources.ts";
import { type FaultyServer, startFaultyServer } from "../../../support/faulty-server.ts";
import { openText, readAll } from "../../../support/fetched.ts";

const object = Buffer.from("the object");
let server: FaultyServer;
let other: FaultyServer;
let sources: ClosableSources;

beforeAll(async () => {
  server = await startFaultyServer({ object });
  other = await startFaultyServer({ object });
});
afterAll(async () => {
  await server.close();
  await other.close();
});
beforeEach(() => {
  sources = createSources({ minBytesPerSecond: 0 });
});
afterEach(() => sources.close());

const withUser = (url: string): string => url.replace("//", "//me:s3cret@");
const fails = (code: string): unknown => expect.objectContaining({ name: "ImgstoreError", code });

test("open http: follows ten redirects", async () => {
  expect(await readAll(await openText(sources, `${server.origin}/x?redirect=10`))).toEqual(object);
});

test("open http: the eleventh redirect is TOO_MANY_REDIRECTS", async () => {
  await expect(openText(sources, `${server.origin}/x?redirect=11`)).rejects.toEqual(fails("TOO_MANY_REDIRECTS"));
});

test("open http: a redirect that leads back is TOO_MANY_REDIRECTS at once", async () => {
  await expect(openText(sources, `${server.origin}/loop?loop`)).rejects.toEqual(fails("TOO_MANY_REDIRECTS"));
  expect(server.log.filter(({ target }) => target.startsWith("/loop"))).toHaveLength(1);
});

test("open http: credentials go along within the origin and not to another", async () => {
  const to = encodeURIComponent(`${other.origin}/there`);
  await readAll(await openText(sources, withUser(`${server.origin}/auth?redirect=2&to=${to}`)));
  const shown = server.log
    .filter(({ target }) => target.startsWith("/auth"))
    .map(({ headers }) => headers.authorization);
  expect(shown).toEqual([expect.stringMatching(/^Basic /), expect.stringMatching(/^Basic /)]);
  expect(other.log.at(-1)).toMatchObject({ target: "/there" });
  expect(other.log.at(-1)?.headers).not.toHaveProperty("authorization");
});

test("open http: credentials do not come back by way of another origin", async () => {
  const back = encodeURIComponent(`${server.origin}/back`);
  const to = encodeURIComponent(`${other.origin}/detour?redirect=1&to=${back}`);
  await readAll(await openText(sources, withUser(`${server.origin}/auth2?redirect=1&to=${to}`)));
  expect(server.log.at(-1)).toMatchObject({ target: "/back" });
  expect(server.log.at(-1)?.headers).not.toHaveProperty("authorization");
});

test("open http: Range goes along", async () => {
  const opened = await openText(sources, `${server.origin}/r?redirect=2`, { offset: 4 });
  expect(opened.offset).toBe(4);
  expect((await readAll(opened)).toString()).toBe("object");
});

test.each(["ftp://example.org/x", "file:///etc/passwd", "http://"])(
  "open http: a redirect to %s is SOURCE_REFUSED",
  async (to) => {
    const url = `${server.origin}/x?redirect=1&to=${encodeURIComponent(to)}`;
    await expect(openText(sources, url)).rejects.toEqual(fails("SOURCE_REFUSED"));
  },
);

test("open http: a redirect without a Location is SOURCE_REFUSED", async () => {
  await expect(openText(sources, `${server.origin}/x?status=302`)).rejects.toEqual(fails("SOURCE_REFUSED"));
});
