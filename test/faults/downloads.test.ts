import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { makeCertificate } from "../support/certificate.ts";
import { type CommandLine, commandLine } from "../support/command-line.ts";
import { type FaultyServer, sha256, startFaultyServer } from "../support/faulty-server.ts";
import { type LargeImage, makeLargeImage } from "../support/large-image.ts";
import { contentsOf } from "../support/store-contents.ts";
import { makeTemporaryStore, type TemporaryStore } from "../support/temporary-store.ts";

const MAX_ATTEMPTS = 4;
const NOTHING = { blobs: [], images: [], overlays: [], active: [], tmp: [] };

// each test starts several processes
vi.setConfig({ testTimeout: 60_000 });

let directory: string;
let image: LargeImage;
let server: FaultyServer;
let store: TemporaryStore;
let imgstore: CommandLine;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "imgstore-faults-"));
  image = makeLargeImage(directory, { files: 1, fileBytes: 1_000_000 });
  server = await startFaultyServer({ object: image.bytes });
});

afterAll(async () => {
  await server.close();
  rmSync(directory, { recursive: true });
});

beforeEach(() => {
  store = makeTemporaryStore();
  imgstore = command();
});

afterEach(async () => {
  await imgstore.end();
  await store.remove();
});

function command(environment: Readonly<Record<string, string>> = {}): CommandLine {
  const settings = { IMGSTORE_BACKOFF_MAX_MS: "10", IMGSTORE_MAX_ATTEMPTS: String(MAX_ATTEMPTS) };
  return commandLine(store.root, { ...settings, ...environment });
}

/** Each test has a path of its own, so that the server counts its requests alone. */
function urlOf(query: string, origin = server.origin): string {
  return `${origin}/${expect.getState().currentTestName?.length}-${server.log.length}?${query}`;
}

function requestsFor(url: string): FaultyServer["log"] {
  return server.log.filter(({ target }) => url.endsWith(target));
}

async function expectActive(url: string): Promise<void> {
  const fetched = await imgstore.json(0, "fetch", "web", url, image.digest);
  expect(fetched).toMatchObject({ state: "ACTIVE", error: null });
  for (const [name, digest] of Object.entries(image.files)) {
    const content = readFileSync(join(fetched.mountPoint, name));
    expect(createHash("sha256").update(content).digest("hex")).toBe(digest);
  }
  expect(contentsOf(store)).toMatchObject({ blobs: [image.digest.slice(7)], tmp: [] });
}

async function expectFailed(url: string, code: string, checksum: string = image.digest): Promise<void> {
  const fetched = await imgstore.json(1, "fetch", "web", url, checksum);
  expect(fetched).toMatchObject({ state: "FAILED", error: { code }, worker: null, dueAtMs: null });
  expect(contentsOf(store)).toMatchObject({ images: [], overlays: [], active: [], tmp: [] });
  await imgstore.json(0, "remove", "web");
  await imgstore.json(0, "gc");
  expect(contentsOf(store)).toEqual(NOTHING);
}

describe("imgstore fetch from a faulty server ends ACTIVE", () => {
  test.each([
    { fault: "cuts every answer", query: "cut=300000" },
    { fault: "resets two answers", query: "reset=300000&bad=2" },
    { fault: "cuts answers of unknown length", query: "cut=300000&chunked" },
    { fault: "announces more than it has", query: "short=1000" },
    { fault: "sends more than it announces", query: "long=1000" },
    { fault: "says a wrong Content-Range when asked to go on", query: "cut=300000&badrange=5&bad=2" },
    { fault: "ignores Range", query: "cut=300000&ignorerange&bad=2" },
    { fault: "changes the ETag and not the object", query: "cut=300000&etag=rotate&bad=2" },
    { fault: "has weak ETags only", query: "cut=300000&etag=weak" },
    { fault: "has no ETag", query: "cut=300000&etag=none" },
    { fault: "fails with 500 twice", query: "status=500&times=2" },
    { fault: "is overloaded twice", query: "status=503&times=2&retryafter=0" },
    { fault: "times out twice", query: "status=408&times=2" },
    { fault: "redirects ten times", query: "redirect=10" },
  ])("when it $fault", async ({ query }) => expectActive(urlOf(query)));

  test("and asks for each byte once when every answer is cut", async () => {
    const url = urlOf("cut=300000");
    await expectActive(url);
    const asked = requestsFor(url).map(({ firstByte }) => firstByte);
    expect(asked.length).toBeGreaterThanOrEqual(4);
    expect(asked).toEqual(asked.toSorted((left, right) => left - right));
  });

  test.each([429, 503])("and comes back no sooner than the Retry-After of a %i asks", async (status) => {
    await expectActive(urlOf(`status=${status}&times=1&retryafter=2`));
    const history: { move: string; startedAtMs: number; durationMs: number; error: { code: string } | null }[] =
      await imgstore.json(0, "history", "web");
    const [refused, repeated] = history.filter(({ move }) => move === "finish-download");
    expect(refused?.error?.code).toBe("SOURCE_UNAVAILABLE");
    const endedAtMs = (refused?.startedAtMs ?? 0) + (refused?.durationMs ?? 0);
    expect(repeated?.startedAtMs).toBeGreaterThanOrEqual(endedAtMs + 2000);
  });
});

describe("imgstore fetch from a faulty server ends FAILED, with nothing left once it is removed", () => {
  test.each([
    { fault: "cuts at the same byte for ever", query: "cut=300000&ignorerange", code: "SOURCE_UNAVAILABLE" },
    { fault: "fails for ever", query: "status=500", code: "SOURCE_UNAVAILABLE" },
    { fault: "begins anew with another object", query: "cut=600000&replaced&bad=1", code: "DIGEST_MISMATCH" },
    { fault: "goes on with another object", query: "cut=600000&replaced&etag=none&bad=1", code: "DIGEST_MISMATCH" },
    { fault: "sends more, of unknown length", query: "chunked&long=1000", code: "DIGEST_MISMATCH" },
    { fault: "has not got it", query: "status=404", code: "SOURCE_NOT_FOUND" },
    { fault: "has it no more", query: "status=410", code: "SOURCE_NOT_FOUND" },
    { fault: "forbids it", query: "status=403", code: "SOURCE_FORBIDDEN" },
    { fault: "wants credentials", query: "status=401", code: "SOURCE_FORBIDDEN" },
    { fault: "refuses the request", query: "status=400", code: "SOURCE_REFUSED" },
    { fault: "encodes it unasked", query: "encoding=gzip", code: "SOURCE_REFUSED" },
    { fault: "redirects eleven times", query: "redirect=11", code: "TOO_MANY_REDIRECTS" },
    { fault: "redirects in a circle", query: "loop", code: "TOO_MANY_REDIRECTS" },
  ])("when it $fault", async ({ query, code }) => expectFailed(urlOf(query), code));

  test("when the checksum is another one (DIGEST_MISMATCH), after one request", async () => {
    const url = urlOf("plain");
    await expectFailed(url, "DIGEST_MISMATCH", sha256(Buffer.from("another")));
    expect(requestsFor(url)).toHaveLength(1);
  });

  test("when nobody listens (SOURCE_UNAVAILABLE)", () =>
    expectFailed(urlOf("plain", "http://127.0.0.1:1"), "SOURCE_UNAVAILABLE"));

  test("when https redirects to http (INSECURE_REDIRECT)", async () => {
    const certificate = makeCertificate(directory);
    const secure = await startFaultyServer({ object: image.bytes, tls: certificate });
    try {
      imgstore = command({ NODE_EXTRA_CA_CERTS: certificate.path });
      await expectFailed(urlOf(`redirect=1&to=${server.origin}/plain`, secure.origin), "INSECURE_REDIRECT");
    } finally {
      await secure.close();
    }
  });

  test.each(["plain", "chunked"])("when it is larger than allowed, %s (IMAGE_TOO_LARGE)", async (query) => {
    imgstore = command({ IMGSTORE_MAX_IMAGE_BYTES: "500000" });
    await expectFailed(urlOf(query), "IMAGE_TOO_LARGE");
  });
});

test("imgstore fetch never shows the credentials and signatures of a source's URL", async () => {
  const url = urlOf("status=404&X-Amz-Signature=hush", server.origin.replace("//", "//user:hush@"));
  const { stdout, stderr } = await imgstore.run("fetch", "web", url, image.digest);
  const shown = await Promise.all(["status", "history"].map((name) => imgstore.json(0, name, "web")));
  expect(stdout + stderr + JSON.stringify(shown)).not.toContain("hush");
  expect(server.log.at(-1)?.headers.authorization).toMatch(/^Basic /);
});
