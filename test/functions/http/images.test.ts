import { existsSync, readdirSync, readFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type FaultyServer, startFaultyServer } from "../../support/faulty-server.ts";
import { makeSmallImage, type SmallImage } from "../../support/small-image.ts";
import { openStoreUnderTest, type StoreUnderTest } from "../../support/store-under-test.ts";

describe("the image routes", () => {
  let tested: StoreUnderTest;
  let server: FaultyServer;
  let image: SmallImage;

  beforeEach(async () => {
    tested = await openStoreUnderTest();
    image = makeSmallImage(tested.store.path("tmp"));
    server = await startFaultyServer({ object: image.bytes });
  });

  afterEach(async () => {
    await server.close();
    await tested.remove();
  });

  const put = (body: Readonly<Record<string, unknown>> = {}) =>
    tested.request("PUT", "/v1/images/a", { body: { source: `${server.origin}/a`, checksum: image.digest, ...body } });

  const advanceUntilRest = async (): Promise<string[]> => {
    const states: string[] = [];
    for (let step = 0; step < 20; step += 1) {
      const { status, body } = await tested.request("POST", "/v1/images/a/advance");
      if (status === 204 || status === 404) return states;
      states.push(body.state);
    }
    throw new Error(`no rest after ${states.join(", ")}`);
  };

  it("walk an image to ACTIVE, one transition a request, and back to nothing", async () => {
    expect((await put()).status).toBe(201);
    expect(await advanceUntilRest()).toEqual([
      "DOWNLOADING",
      "DOWNLOADED",
      "UNPACKING",
      "UNPACKED",
      "STORED",
      "ACTIVATING",
      "ACTIVE",
    ]);
    const { body } = await tested.request("GET", "/v1/images/a");
    expect(body).toMatchObject({ state: "ACTIVE", driver: "overlayfs", mountPoint: tested.store.path("active", "a") });
    expect(readFileSync(`${body.mountPoint}/etc/content`, "utf8")).toBe("one\n");

    expect((await tested.request("DELETE", "/v1/images/a")).status).toBe(202);
    expect(await advanceUntilRest()).toEqual(["DEACTIVATING", "STORED", "REMOVING", "REMOVED"]);
    expect((await tested.request("GET", "/v1/images/a")).status).toBe(404);
    expect(readdirSync(tested.store.path("active"))).toEqual([]);
    expect(existsSync(tested.store.path("overlays", "a"))).toBe(false);
  });

  it("PUT answers 201, then 200 for the same, then 409 NAME_TAKEN with both sources for another", async () => {
    expect((await put()).status).toBe(201);
    expect((await put()).status).toBe(200);
    const { status, body } = await put({ source: "http://user:secret@127.0.0.1/b" });
    expect(status).toBe(409);
    expect(body.code).toBe("NAME_TAKEN");
    expect(body.detail).toContain(`${server.origin}/a`);
    expect(body.detail).toContain("http://***@127.0.0.1/b");
    expect(JSON.stringify(body)).not.toContain("secret");
  });

  it("PUT of the same with other mount options gives them to the next mount", async () => {
    await put();
    await advanceUntilRest();
    expect((await put({ mountOptions: "nodev,nosuid,noexec" })).body.mountOptions).toEqual([
      "nodev",
      "nosuid",
      "noexec",
    ]);
    for (const target of ["STORED", "ACTIVE"]) {
      await tested.request("PATCH", "/v1/images/a", { body: { target }, headers: { prefer: "wait=20" } });
    }
    const line = readFileSync("/proc/self/mountinfo", "utf8")
      .split("\n")
      .find((mount) => mount.includes(`${tested.store.root}/active/a `));
    expect(line).toMatch(/nosuid,nodev,noexec/);
  });

  it("PUT of a network source without a checksum is refused", async () => {
    const { status, body } = await tested.request("PUT", "/v1/images/a", { body: { source: `${server.origin}/a` } });
    expect([status, body.code]).toEqual([400, "CHECKSUM_REQUIRED"]);
    expect((await tested.request("GET", "/v1/images/a")).status).toBe(404);
  });

  it("a local file needs no checksum: it is computed and pinned", async () => {
    await tested.request("PUT", "/v1/images/a", { body: { source: image.path, target: "STORED" } });
    await advanceUntilRest();
    const { body } = await tested.request("GET", "/v1/images/a");
    expect(body).toMatchObject({ state: "STORED", checksum: image.digest });
    expect(readdirSync(tested.store.path("blobs"))).toEqual([image.digest.slice("sha256:".length)]);
  });

  it("a wrong checksum ends FAILED with DIGEST_MISMATCH, and PUT again retries", async () => {
    const wrong = `sha256:${"0".repeat(64)}`;
    await put({ checksum: wrong });
    expect((await advanceUntilRest()).at(-1)).toBe("FAILED");
    const { body } = await tested.request("GET", "/v1/images/a");
    expect(body.error).toMatchObject({ code: "DIGEST_MISMATCH" });
    expect(body.error.message).toContain(image.digest);
    expect(readdirSync(tested.store.path("blobs"))).toEqual([]);
    expect((await put({ checksum: wrong })).body.state).toBe("NEW");
  });

  it("history tells every transition, from the registration on", async () => {
    await put({ target: "STORED" });
    await advanceUntilRest();
    const { body } = await tested.request("GET", "/v1/images/a/history");
    expect(body.map((row: { move: string }) => row.move)).toEqual([
      "register",
      "begin-download",
      "finish-download",
      "begin-unpack",
      "finish-unpack",
      "store",
    ]);
    expect(body[0]).toMatchObject({ fromState: null, toState: "NEW", node: "here", attempt: 0, error: null });
  });

  it("If-Match with an old ETag is refused with 412 and changes nothing", async () => {
    const { headers } = await put();
    await tested.request("POST", "/v1/images/a/advance");
    const refused = await tested.request("PATCH", "/v1/images/a", {
      body: { target: "STORED" },
      headers: { "if-match": headers.get("etag") ?? "" },
    });
    expect([refused.status, refused.body.code]).toEqual([412, "PRECONDITION_FAILED"]);
    expect((await tested.request("GET", "/v1/images/a")).body.target).toBe("ACTIVE");
  });

  it("PATCH with Prefer: wait answers 200 when the target is reached", async () => {
    await put({ target: "STORED" });
    const { status, body } = await tested.request("PATCH", "/v1/images/a", {
      body: { target: "ACTIVE" },
      headers: { prefer: "wait=20" },
    });
    expect([status, body.state]).toEqual([200, "ACTIVE"]);
  });

  it("a transition that is not next is refused with 409 ILLEGAL_MOVE and the image", async () => {
    await put();
    for (const move of ["finish-unpack", "begin-activate", "retry", "give-up", "remount"]) {
      const { status, body } = await tested.request("POST", `/v1/images/a/transitions/${move}`);
      expect([move, status, body.code]).toEqual([move, 409, "ILLEGAL_MOVE"]);
    }
    expect((await tested.request("POST", "/v1/images/a/transitions/begin-download")).body.state).toBe("DOWNLOADING");
  });

  it("there is no way back from REMOVING", async () => {
    await put();
    await tested.request("DELETE", "/v1/images/a");
    await tested.request("POST", "/v1/images/a/advance");
    const { status, body } = await tested.request("PATCH", "/v1/images/a", { body: { target: "ACTIVE" } });
    expect([status, body.code]).toEqual([409, "ILLEGAL_MOVE"]);
  });
});
