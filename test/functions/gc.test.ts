import { linkSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { makeSmallImage, type SmallImage } from "../support/small-image.ts";
import { openStoreUnderTest, type StoreUnderTest } from "../support/store-under-test.ts";

describe("POST /v1/gc", () => {
  let tested: StoreUnderTest;
  let image: SmallImage;

  beforeEach(async () => {
    tested = await openStoreUnderTest();
    image = makeSmallImage(tested.store.path());
  });

  afterEach(() => tested.remove());

  const reach = async (name: string, target: "STORED" | "ACTIVE" | "REMOVED"): Promise<void> => {
    if (target === "REMOVED") {
      await tested.request("DELETE", `/v1/images/${name}`, { headers: { prefer: "wait=30" } });
      return;
    }
    await tested.request("PUT", `/v1/images/${name}`, { body: { source: image.path, target } });
    const { body } = await tested.request("PATCH", `/v1/images/${name}`, {
      body: { target },
      headers: { prefer: "wait=30" },
    });
    expect(body.state).toBe(target);
  };

  const gc = async (body: Readonly<Record<string, unknown>> = {}): Promise<[string, string][]> => {
    const answer = await tested.request("POST", "/v1/gc", { body });
    expect(answer.status).toBe(200);
    return answer.body.removed.map(({ kind, name }: { kind: string; name: string }) => [kind, name]);
  };

  const contents = () =>
    ["blobs", "images", "overlays", "tmp"].map((folder) => readdirSync(tested.store.path(folder)).length);

  it("reclaims blob and layer of a removed image, and nothing that another image has", async () => {
    await reach("a", "ACTIVE");
    await reach("b", "ACTIVE");
    await reach("a", "REMOVED");
    expect(await gc()).toEqual([]);
    expect(contents()).toEqual([1, 1, 1, 0]);

    await reach("b", "REMOVED");
    await vi.waitUntil(() => contents()[3] === 0);
    expect((await gc({ dryRun: true })).map(([kind]) => kind)).toEqual(["blob", "layer"]);
    expect(contents()).toEqual([1, 1, 0, 0]);
    expect((await gc()).map(([kind]) => kind)).toEqual(["blob", "layer"]);
    expect(contents()).toEqual([0, 0, 0, 0]);
    expect(await gc()).toEqual([]);
  });

  it("with blobs also drops those that are kept for repair, and the image still mounts", async () => {
    await reach("a", "STORED");
    expect(await gc({ blobs: true })).toEqual([["blob", image.digest]]);
    await reach("a", "ACTIVE");
  });

  it("removes what lies in the store without a row", async () => {
    const hex = "a".repeat(64);
    writeFileSync(tested.store.path("blobs", hex), "stray");
    writeFileSync(tested.store.path("blobs", `${"b".repeat(64)}.tmp`), "partial");
    mkdirSync(tested.store.path("images", hex));
    mkdirSync(tested.store.path("tmp", "17.4.0"));
    mkdirSync(tested.store.path("tmp", "removed.x.y"));
    mkdirSync(tested.store.path("overlays", "gone", "upper"), { recursive: true });
    expect((await gc()).map(([kind]) => kind).toSorted()).toEqual(
      ["blob", "layer", "partial", "staging", "upper"].toSorted(),
    );
    expect(contents()).toEqual([0, 0, 0, 0]);
  });

  it("takes away the other name of a blob whose publisher died before he could", async () => {
    await reach("a", "STORED");
    const blob = tested.store.path("blobs", image.digest.slice("sha256:".length));
    linkSync(blob, `${blob}.tmp`);
    expect(await gc()).toEqual([["partial", image.digest]]);
    expect(contents()).toEqual([1, 1, 0, 0]);
  });

  it("answers 202 when its time is up, and goes on", async () => {
    await reach("a", "STORED");
    await reach("a", "REMOVED");
    const { status, body } = await tested.request("POST", "/v1/gc", { headers: { prefer: "wait=0" } });
    expect([status, body.underWay]).toEqual([202, true]);
    await vi.waitUntil(() => contents().every((count) => count === 0), 30_000);
  });

  it("a fetch after gc downloads and unpacks again", async () => {
    await reach("a", "STORED");
    await reach("a", "REMOVED");
    await gc();
    await reach("a", "ACTIVE");
    expect(contents()).toEqual([1, 1, 1, 0]);
  });
});
