import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type CommandLine, commandLine } from "../../support/command-line.ts";
import { makeSmallImage } from "../../support/small-image.ts";
import { openStoreUnderTest, type StoreUnderTest } from "../../support/store-under-test.ts";

vi.setConfig({ testTimeout: 60_000 });

let tested: StoreUnderTest;
let imgstore: CommandLine;

beforeEach(async () => {
  tested = await openStoreUnderTest();
  imgstore = commandLine(tested.store.root, { IMGSTORE_BACKOFF_MAX_MS: "50" });
  const { path } = makeSmallImage(tested.store.path());
  await imgstore.json(0, "fetch", "web", path, "--target", "stored");
});
afterEach(async () => {
  await imgstore.end();
  await tested.remove();
});

function damageTree(): void {
  const [name = ""] = readdirSync(tested.store.path("images"));
  writeFileSync(join(tested.store.path("images", name), "etc", "content"), "rotten\n");
}

describe("imgstore verify", () => {
  test("is exit 0 with what was checked where all is right", async () => {
    const { exitCode, stdout } = await imgstore.run("verify");
    expect([exitCode, stdout]).toEqual([0, expect.stringMatching(/^1 blob and 1 layer checked, .*: 0 damaged\n$/)]);
  });

  test("is exit 1 with what is wrong and what to do about it, and --repair has it made anew", async () => {
    damageTree();
    const found = await imgstore.run("verify", "web");
    expect(found).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("imgstore verify --repair") });
    expect(found.stdout).toMatch(/^damaged +layer +web +.*"etc\/content": .*size/m);
    expect(await imgstore.json(1, "verify", "--repair")).toMatchObject({
      repaired: true,
      damaged: [{ images: ["web"] }],
    });
    expect(await imgstore.json(0, "status", "web")).toMatchObject({ state: "NEW", error: { code: "LAYER_DAMAGED" } });
    await imgstore.run("worker", "--once");
    expect(await imgstore.json(0, "verify")).toMatchObject({ damaged: [] });
  });

  test("of an image that is not there is exit 3", async () => {
    expect((await imgstore.run("verify", "nobody")).exitCode).toBe(3);
  });
});

describe("POST /v1/verify", () => {
  test("answers as the command does", async () => {
    damageTree();
    const all = await tested.request("POST", "/v1/verify");
    expect(all).toMatchObject({
      status: 200,
      body: { underWay: false, repaired: false, damaged: [{ kind: "layer" }] },
    });
    const one = await tested.request("POST", "/v1/verify", { body: { name: "web", repair: true } });
    expect(one.body).toMatchObject({ repaired: true, strays: [] });
    expect((await tested.request("GET", "/v1/images/web")).body.state).toBe("NEW");
    expect((await tested.request("POST", "/v1/verify", { body: { name: "nobody" } })).status).toBe(404);
    expect((await tested.request("POST", "/v1/verify", { body: { repair: 1 } })).status).toBe(400);
  });
});
