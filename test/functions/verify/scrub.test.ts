import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import { sweep } from "../../../functions/cron/sweep.ts";
import { checkRegistration, register } from "../../../functions/registration.ts";
import { scrub } from "../../../functions/verify/scrub.ts";
import { openEngineUnderTest } from "../../support/engine-under-test.ts";
import { makeSmallImage } from "../../support/small-image.ts";

vi.setConfig({ testTimeout: 60_000 });

let tested: Awaited<ReturnType<typeof openEngineUnderTest>>;
afterEach(() => tested.remove());

const WEEK_MS = 7 * 86_400_000;
const SWEEP = { limit: 100, concurrency: 1, budgetMs: null };

/** A store with one image that nobody has looked over for longer than a week. */
async function openWeekOld(bytesPerSecond: string): Promise<void> {
  tested = await openEngineUnderTest({ IMGSTORE_SCRUB_BYTES_PER_S: bytesPerSecond });
  const { path } = makeSmallImage(tested.store.path());
  await register(tested.engine, checkRegistration({ name: "a", source: path, target: "STORED" }));
  await settle();
  await letPass(WEEK_MS + 1);
}

async function settle(): Promise<void> {
  while ((await sweep(tested.engine, SWEEP)).nextDueAtMs !== null);
}

/** As if so much time had passed since everything was looked over, and since the check went to rest. */
async function letPass(ms: number): Promise<void> {
  await tested.database.batch(
    [
      "UPDATE blobs SET verified_at_ms = verified_at_ms - :ms",
      "UPDATE layers SET verified_at_ms = verified_at_ms - :ms",
      "UPDATE scrubs SET due_at_ms = due_at_ms - :ms",
    ].map((sql) => ({ sql, args: { ms } })),
  );
}

const tree = (): string => {
  const [name = ""] = readdirSync(tested.store.path("images"));
  return tested.store.path("images", name, "etc", "content");
};
const look = (): Promise<number | null> => scrub(tested.engine, new AbortController().signal);

test("looks at one piece after another, and rests for as long as its bytes take", async () => {
  await openWeekOld("1");
  const blob = (await tested.engine.work.inventory()).blobs[0];
  expect(await look()).toBe(1000 * (blob?.sizeBytes ?? 0));
  expect(await look()).toBeNull();
  await letPass(3_600_000);
  expect(await look()).toBe(1000 * 14);
  await letPass(3_600_000);
  expect(await look()).toBeNull();
});

test("by sweeps has a damaged tree made again, without a word from anybody", async () => {
  await openWeekOld("1000000000");
  writeFileSync(tree(), "rotten\n");
  await sweep(tested.engine, SWEEP);
  await tested.engine.clock.sleep(5);
  await sweep(tested.engine, SWEEP);
  await settle();
  expect(readFileSync(tree(), "utf8")).toBe("one\n");
  const moves = await tested.engine.images.history("a", "latest");
  expect(moves.find(({ move }) => move === "refetch")?.error).toMatchObject({ code: "LAYER_DAMAGED" });
});

test("trusts a damaged blob no more, and leaves its image alone as long as the tree is there", async () => {
  await openWeekOld("1000000000");
  const [blob = ""] = readdirSync(tested.store.path("blobs"));
  const bytes = readFileSync(tested.store.path("blobs", blob));
  writeFileSync(join(tested.store.path("blobs", blob)), bytes.fill(0, 20, 21));
  for (let time = 0; time < 2; time++) {
    await look();
    await tested.engine.clock.sleep(5);
  }
  expect((await tested.engine.work.inventory()).blobs).toMatchObject([{ state: "damaged" }]);
  expect(await tested.engine.images.load("a")).toMatchObject({ state: "STORED", dueAtMs: null });
});

test("that is interrupted has looked at nothing, and comes back to the same tree", async () => {
  await openWeekOld("1000000000");
  const { engine } = tested;
  const blob = (await engine.work.inventory()).blobs[0];
  if (blob === undefined) throw new Error("there is no blob");
  await engine.work.noteVerified({ kind: "blob", digest: blob.digest, sizeBytes: blob.sizeBytes ?? 0 }, 0);
  expect(await scrub(engine, AbortSignal.abort())).toBeNull();
  expect(await engine.work.nextToVerify("native", WEEK_MS)).toMatchObject({ kind: "layer" });
  expect(readdirSync(tested.store.path("tmp"))).toEqual([]);
});

test("does nothing where it is off, or before a week has passed", async () => {
  await openWeekOld("0");
  expect(await look()).toBeNull();
  await tested.remove();
  await openWeekOld("1000000000");
  await letPass(-10_000);
  expect(await look()).toBeNull();
});
