import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, existsSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createLocks } from "../../../adapters/store/locks.ts";
import { hexOf } from "../../../core/digests.ts";
import type { Target } from "../../../core/lifecycle/image.ts";
import { sweep } from "../../../functions/cron/sweep.ts";
import type { Engine } from "../../../functions/engine.ts";
import type { VerifyJson } from "../../../functions/http/wire.ts";
import { checkRegistration, register } from "../../../functions/registration.ts";
import { verify } from "../../../functions/verify/verify.ts";
import { openEngineUnderTest } from "../../support/engine-under-test.ts";
import { makeSmallImage, type SmallImage } from "../../support/small-image.ts";

vi.setConfig({ testTimeout: 60_000 });

let tested: Awaited<ReturnType<typeof openEngineUnderTest>>;
let engine: Engine;
let image: SmallImage;

beforeEach(async () => {
  tested = await openEngineUnderTest();
  ({ engine } = tested);
  image = makeSmallImage(tested.store.path());
});
afterEach(() => tested.remove());

/** Sweeps until nothing is due now. */
async function rest(): Promise<void> {
  for (;;) {
    const { nextDueAtMs, nowMs } = await sweep(engine, { limit: 100, concurrency: 1, budgetMs: null });
    if (nextDueAtMs === null || nextDueAtMs > nowMs + 10_000) return;
    await engine.clock.sleep(Math.max(0, nextDueAtMs - nowMs));
  }
}

async function have(name: string, target: Target): Promise<void> {
  await register(engine, checkRegistration({ name, source: image.path, target }));
  await rest();
}

const verified = (options: { name?: string; repair?: boolean } = {}): Promise<VerifyJson> =>
  verify(engine, {
    name: options.name ?? null,
    isRepairing: options.repair ?? false,
    signal: new AbortController().signal,
  });
const tree = (): string => {
  const [name = ""] = readdirSync(tested.store.path("images"));
  return tested.store.path("images", name);
};
const damageTree = (): void => writeFileSync(join(tree(), "etc", "content"), "two\n");
const mounted = (name: string): string => readFileSync(tested.store.path("active", name, "etc", "content"), "utf8");
const unfinished = (): string[] => readdirSync(tested.store.path("tmp")).map((name) => name.split(".")[0] ?? "");
const stateOf = async (name: string): Promise<string> => {
  const placement = await engine.images.load(name);
  return `${placement?.state} ${placement?.error?.code ?? "-"}`;
};
function damageBlob(): void {
  const fd = openSync(tested.store.path("blobs", hexOf(image.digest)), "r+");
  writeSync(fd, "X", 20);
  closeSync(fd);
}

describe("verify", () => {
  test("finds nothing in a store that is right, changes nothing and leaves nothing", async () => {
    await have("a", "ACTIVE");
    await have("b", "STORED");
    const report = await verified();
    expect(report).toMatchObject({ checked: { blobs: 1, layers: 1 }, damaged: [], unverified: [], strays: [] });
    expect([await stateOf("a"), await stateOf("b"), unfinished()]).toEqual(["ACTIVE -", "STORED -", []]);
  });

  test("says what is damaged and which images have it, and changes nothing", async () => {
    await have("a", "ACTIVE");
    await have("b", "STORED");
    damageTree();
    const { damaged } = await verified();
    expect(damaged).toMatchObject([{ kind: "layer", digest: image.digest, images: ["a", "b"] }]);
    expect(damaged[0]?.problem).toContain('"etc/content"');
    expect([await stateOf("a"), await stateOf("b")]).toEqual(["ACTIVE -", "STORED -"]);
  });

  test("of one image looks at nothing else", async () => {
    await have("a", "STORED");
    image = makeSmallImage(tested.store.path(), "other");
    await have("b", "STORED");
    expect(await verified({ name: "a" })).toMatchObject({ checked: { blobs: 1, layers: 1 } });
    await expect(verified({ name: "nobody" })).rejects.toMatchObject({ code: "NO_SUCH_IMAGE" });
  });

  test("finds pieces that are missing, and what no image has", async () => {
    await have("a", "STORED");
    rmSync(tree(), { recursive: true });
    rmSync(tested.store.path("blobs", hexOf(image.digest)));
    writeFileSync(tested.store.path("tmp", "77.1.0"), "of a dead attempt");
    const { damaged, strays } = await verified();
    expect(damaged.map(({ kind, problem }) => [kind, problem.replace(/sha256:\w+/, "it")])).toEqual([
      ["blob", "the stored blob it is not under blobs/"],
      ["layer", "the tree it is not under images/"],
    ]);
    expect(strays).toEqual([{ kind: "staging", name: "77.1.0", sizeBytes: null }]);
  });

  test("does not take the last room for a look", async () => {
    await have("a", "STORED");
    const disk = await engine.disk();
    const { totalBytes } = await disk.space.free();
    // as if the tree were as large as what is free
    await tested.database.batch([{ sql: "UPDATE layers SET size_bytes = :bytes", args: { bytes: totalBytes } }]);
    expect((await verified()).unverified).toMatchObject([{ kind: "layer", problem: expect.stringContaining("room") }]);
  });

  test("is one at a time, and takes away what one that was killed has left", async () => {
    await have("a", "STORED");
    writeFileSync(tested.store.path("tmp", `compared.${"a".repeat(64)}.1`), "");
    const refused = await createLocks({ root: tested.store.root }).alone("verify", () =>
      verified().catch((error: unknown) => error),
    );
    expect(refused).toMatchObject({ code: "LEASED" });
    expect(unfinished()).toEqual(["compared"]);
    await verified();
    expect(unfinished()).toEqual([]);
  });
});

describe("verify --repair", () => {
  test("has the images unpacked again that rely on a damaged tree, and keeps what was written to them", async () => {
    await have("a", "ACTIVE");
    await have("b", "STORED");
    writeFileSync(tested.store.path("active", "a", "mine"), "by hand");
    damageTree();
    expect((await verified({ repair: true })).damaged).toHaveLength(1);
    expect([await stateOf("a"), await stateOf("b")]).toEqual(["NEW LAYER_DAMAGED", "NEW LAYER_DAMAGED"]);
    await rest();
    expect([await stateOf("a"), await stateOf("b")]).toEqual(["ACTIVE -", "STORED -"]);
    expect([mounted("a"), readFileSync(tested.store.path("active", "a", "mine"), "utf8")]).toEqual([
      "one\n",
      "by hand",
    ]);
    expect((await verified()).damaged).toEqual([]);
    await rest();
    expect(unfinished()).toEqual([]);
  });

  test("leaves an image in use on the tree that it has mounted, until nobody uses it", async () => {
    await have("a", "ACTIVE");
    await have("b", "STORED");
    damageTree();
    const holder = spawn("sleep", ["1000"], { cwd: tested.store.path("active", "a") });
    try {
      await once(holder, "spawn");
      await verified({ repair: true });
      await rest();
      expect([await stateOf("a"), await stateOf("b")]).toEqual(["ACTIVE IN_USE", "STORED -"]);
      expect([mounted("a"), readFileSync(join(tree(), "etc", "content"), "utf8")]).toEqual(["two\n", "one\n"]);
      expect(unfinished()).toEqual(["replaced"]);
    } finally {
      holder.kill("SIGKILL");
      await once(holder, "close");
    }
    await verified({ repair: true });
    const placement = await engine.images.load("a");
    if (placement === null) throw new Error("it is gone");
    // the hour after which it is asked for again
    await engine.images.wake(placement.id);
    await rest();
    expect([await stateOf("a"), mounted("a")]).toEqual(["ACTIVE -", "one\n"]);
    await rest();
    expect(unfinished()).toEqual([]);
  });

  test("fetches a damaged blob again for an image that is STORED, and leaves one alone that is mounted", async () => {
    await have("a", "ACTIVE");
    await have("b", "STORED");
    damageBlob();
    const { damaged, unverified } = await verified({ repair: true });
    expect([damaged.map(({ kind }) => kind), unverified.map(({ kind }) => kind)]).toEqual([["blob"], ["layer"]]);
    expect([await stateOf("a"), await stateOf("b")]).toEqual(["ACTIVE -", "NEW BLOB_DAMAGED"]);
    await rest();
    expect(await stateOf("b")).toBe("STORED -");
    expect(await verified()).toMatchObject({ damaged: [], unverified: [] });
  });

  test("takes up what was found damaged before and is not made again yet", async () => {
    await have("a", "ACTIVE");
    damageBlob();
    await verified({ repair: true });
    expect((await verified()).damaged).toMatchObject([{ kind: "blob", images: ["a"] }]);
    const placement = await engine.images.load("a");
    if (placement === null) throw new Error("it is gone");
    await engine.images.changeTarget(placement, { target: "STORED", opId: engine.clock.newId() });
    await rest();
    await verified({ repair: true });
    await rest();
    expect([await stateOf("a"), (await verified()).damaged]).toEqual(["STORED -", []]);
  });

  test("is what a mount does by itself that finds its tree gone", async () => {
    await have("a", "STORED");
    rmSync(tree(), { recursive: true });
    const placement = await engine.images.load("a");
    if (placement === null) throw new Error("it is gone");
    await engine.images.changeTarget(placement, { target: "ACTIVE", opId: engine.clock.newId() });
    await rest();
    expect([await stateOf("a"), mounted("a")]).toEqual(["ACTIVE -", "one\n"]);
    const moves = (await engine.images.history("a", "latest")).map(({ move }) => move);
    expect(moves).toContain("refetch");
    expect(existsSync(tree())).toBe(true);
  });
});
