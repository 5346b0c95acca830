import { readdirSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type FileServer, serveFile } from "../../scripts/serve-file.ts";
import { makeSmallImage, type SmallImage } from "../support/small-image.ts";
import { openStoreUnderTest, type StoreUnderTest } from "../support/store-under-test.ts";

describe("a target that changes while a slow download holds the row", () => {
  let tested: StoreUnderTest;
  let image: SmallImage;
  let server: FileServer;

  beforeEach(async () => {
    tested = await openStoreUnderTest();
    image = makeSmallImage(tested.store.path());
    // so slow that it would take minutes
    server = await serveFile(image.path, 1);
  });

  afterEach(async () => {
    await server.close();
    await tested.remove();
  });

  const beginDownload = async (): Promise<Promise<{ readonly status: number }>[]> => {
    const body = { source: server.url, checksum: image.digest };
    await tested.request("PUT", "/v1/images/a", { body });
    await tested.request("POST", "/v1/images/a/advance");
    const held = tested.request("POST", "/v1/images/a/advance");
    for (;;) {
      const { body: now } = await tested.request("GET", "/v1/images/a");
      if (now.worker !== null) return [held];
    }
  };

  it("DELETE overrules the claim: the image goes, the holder stops and leaves nothing unfinished", async () => {
    const [held] = await beginDownload();
    const gone = await tested.request("DELETE", "/v1/images/a", { headers: { prefer: "wait=20" } });
    expect([gone.status, gone.body.state]).toEqual([200, "REMOVED"]);
    expect((await held)?.status).toBe(409);
    expect(readdirSync(tested.store.path("tmp"))).toEqual([]);

    const { body } = await tested.request("GET", "/v1/images/a/history");
    expect(
      body.map(({ move, error }: { move: string; error: { code: string } | null }) => [move, error?.code]),
    ).toEqual([
      ["register", undefined],
      ["begin-download", undefined],
      ["finish-download", "CANCELLED"],
      ["begin-remove", undefined],
      ["finish-remove", undefined],
    ]);
  });

  it("another request for the held transition answers 409 LEASED with Retry-After", async () => {
    const [held] = await beginDownload();
    const { status, body, headers } = await tested.request("POST", "/v1/images/a/transitions/finish-download");
    expect([status, body.code]).toEqual([409, "LEASED"]);
    expect(Number(headers.get("retry-after"))).toBeGreaterThanOrEqual(1);
    await tested.request("DELETE", "/v1/images/a", { headers: { prefer: "wait=20" } });
    await held;
  });

  it("a request whose time is up answers 202 with Retry-After, and the act goes on under its lease", async () => {
    const body = { source: server.url, checksum: image.digest };
    await tested.request("PUT", "/v1/images/a", { body });
    await tested.request("POST", "/v1/images/a/advance");
    const answer = await tested.request("POST", "/v1/images/a/advance", { headers: { prefer: "wait=0" } });
    expect([answer.status, answer.body.state, answer.headers.get("retry-after")]).toEqual([202, "DOWNLOADING", "1"]);
    expect(answer.body.worker).not.toBeNull();
    await tested.request("DELETE", "/v1/images/a", { headers: { prefer: "wait=20" } });
  });
});
