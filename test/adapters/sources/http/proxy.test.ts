import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type ClosableSources, createSources } from "../../../../adapters/sources/sources.ts";
import { makeCertificate } from "../../../support/certificate.ts";
import { type FaultyServer, startFaultyServer } from "../../../support/faulty-server.ts";
import { openText, readAll } from "../../../support/fetched.ts";
import { type Proxy, startProxy } from "../../../support/proxy.ts";

const object = Buffer.from("the object");
let server: FaultyServer;
let proxy: Proxy;
let sources: ClosableSources | null;

beforeEach(async () => {
  sources = null;
  server = await startFaultyServer({ object });
  proxy = await startProxy({ credentials: "proxy:pass" });
  for (const name of ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy"]) {
    vi.stubEnv(name, undefined);
  }
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await sources?.close();
  await proxy.close();
  await server.close();
});

/** The environment is read when the first http source is opened. */
function open(url: string): Promise<Buffer> {
  sources = createSources({ minBytesPerSecond: 0 });
  return openText(sources, url).then(readAll);
}

const proxyUrl = (): string => proxy.url.replace("//", "//proxy:pass@");

test("open http: HTTP_PROXY is asked by a plain request, not through a tunnel", async () => {
  vi.stubEnv("HTTP_PROXY", proxyUrl());
  expect(await open(`${server.origin}/x`)).toEqual(object);
  expect(proxy.log).toEqual([`GET ${server.origin}/x`]);
});

test("open http: NO_PROXY goes past the proxy", async () => {
  vi.stubEnv("HTTP_PROXY", proxyUrl());
  vi.stubEnv("NO_PROXY", "127.0.0.1");
  expect(await open(`${server.origin}/x`)).toEqual(object);
  expect(proxy.log).toEqual([]);
});

test("open http: a proxy that wants credentials is SOURCE_FORBIDDEN with a hint", async () => {
  vi.stubEnv("HTTP_PROXY", proxy.url);
  await expect(open(`${server.origin}/x`)).rejects.toMatchObject({
    code: "SOURCE_FORBIDDEN",
    message: expect.stringContaining("the proxy asks for credentials"),
    hint: expect.stringContaining("USER:PASSWORD"),
  });
});

test.each([
  ["?cut=5", "SOURCE_UNAVAILABLE"],
  ["?reset=5", "SOURCE_UNAVAILABLE"],
  ["?stall=5", "SOURCE_STALLED"],
  ["?delay=5000", "SOURCE_STALLED"],
  ["?status=503", "SOURCE_UNAVAILABLE"],
])("open http: through a proxy, the answer %s is %s as it is without one", async (faults, code) => {
  vi.stubEnv("HTTP_PROXY", proxyUrl());
  sources = createSources({ minBytesPerSecond: 1000, stallWindowMs: 300 });
  await expect(openText(sources, `${server.origin}/x${faults}`).then(readAll)).rejects.toMatchObject({ code });
});

test("open https: HTTPS_PROXY gives a tunnel", async () => {
  const directory = mkdtempSync(join(tmpdir(), "imgstore-proxy-"));
  const secure = await startFaultyServer({ object, tls: makeCertificate(directory) });
  try {
    vi.stubEnv("HTTPS_PROXY", proxyUrl());
    // Through the tunnel the server's own certificate is seen, which nobody trusts.
    await expect(open(`${secure.origin}/x`)).rejects.toMatchObject({
      code: "SOURCE_REFUSED",
      message: expect.stringContaining("certificate is not trusted"),
    });
    expect(proxy.log).toEqual([`CONNECT ${secure.origin.replace("https://", "")}`]);
  } finally {
    await secure.close();
    rmSync(directory, { recursive: true });
  }
});

test("open https: a proxy that wants credentials for its tunnel is SOURCE_FORBIDDEN", async () => {
  vi.stubEnv("HTTPS_PROXY", proxy.url);
  await expect(open("https://127.0.0.1:1/x")).rejects.toMatchObject({ code: "SOURCE_FORBIDDEN" });
});
