import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { makeSmallImage, type SmallImage } from "../../support/small-image.ts";
import { openStoreUnderTest, type StoreUnderTest } from "../../support/store-under-test.ts";

describe("Idempotency-Key", () => {
  let tested: StoreUnderTest;
  let image: SmallImage;

  beforeEach(async () => {
    tested = await openStoreUnderTest();
    image = makeSmallImage(tested.store.path("tmp"));
  });

  afterEach(() => tested.remove());

  const put = (key: string, target = "STORED") =>
    tested.request("PUT", "/v1/images/a", {
      body: { source: image.path, target },
      headers: { "idempotency-key": key },
    });

  const advance = (key: string) =>
    tested.request("POST", "/v1/images/a/advance", { headers: { "idempotency-key": key } });

  it("a repeat is answered as the first was, and makes nothing", async () => {
    const first = await put("k1");
    expect(first.status).toBe(201);
    await advance("k2");
    const repeat = await put("k1");
    expect([repeat.status, repeat.body, repeat.headers.get("etag")]).toEqual([
      201,
      first.body,
      first.headers.get("etag"),
    ]);
    expect((await advance("k2")).body.state).toBe("DOWNLOADING");
    expect((await tested.request("GET", "/v1/images/a")).body.state).toBe("DOWNLOADING");
    expect((await advance("k3")).body.state).toBe("DOWNLOADED");
  });

  it("two at once make one transition: one is answered, the other told to come back or given the same answer", async () => {
    await put("k1");
    const answers = await Promise.all([advance("k2"), advance("k2")]);
    const made = answers.filter(({ status }) => status === 200);
    expect(made.length).toBeGreaterThanOrEqual(1);
    for (const { status, body } of answers) if (status !== 200) expect([status, body.code]).toEqual([409, "LEASED"]);
    expect((await tested.request("GET", "/v1/images/a")).body.version).toBe(1);
  });

  it("a key of another request is refused", async () => {
    await put("k1");
    const reused = await put("k1", "ACTIVE");
    expect([reused.status, reused.body.code]).toEqual([422, "IDEMPOTENCY_KEY_REUSED"]);
  });

  it("a refusal is repeated, too, and a key that is none is refused", async () => {
    expect((await advance("k1")).status).toBe(404);
    await put("k2");
    expect((await advance("k1")).status).toBe(404);
    expect((await advance("k".repeat(256))).body.code).toBe("INVALID_BODY");
  });
});
