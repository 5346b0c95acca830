import { afterEach, beforeEach, expect, it } from "vitest";
import type { Engine } from "../../functions/engine.ts";
import { perform } from "../../functions/perform.ts";
import { checkRegistration, register } from "../../functions/registration.ts";
import { serveFile } from "../../scripts/serve-file.ts";
import { type EngineUnderTest, openEngineUnderTest } from "../support/engine-under-test.ts";
import { makeSmallImage } from "../support/small-image.ts";
import { SteppedClock } from "../support/stepped-clock.ts";

let tested: EngineUnderTest;

beforeEach(async () => {
  tested = await openEngineUnderTest();
});

afterEach(() => tested.remove());

it("closing gives up the claim of an act that does not stop, and the act can settle nothing later", async () => {
  const clock = new SteppedClock(tested.engine.clock);
  const disk = await tested.engine.disk();
  let goOn: () => void = () => {};
  const held = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  // the real disk, but for a directory that takes its time to be listed
  const layers = {
    ...disk.layers,
    listUnfinished: async () => {
      await held;
      return disk.layers.listUnfinished();
    },
  };
  const engine: Engine = { ...tested.engine, clock, disk: async () => ({ ...disk, layers }) };
  const { path: source } = makeSmallImage(tested.store.path());
  const { placement } = await register(engine, checkRegistration({ name: "a", source }));
  await perform(engine, placement, "begin-download", { budgetMs: null, isAskedFor: true });

  const downloading = await engine.images.load("a");
  if (downloading === null) throw new Error("the image is gone");
  const attempt = perform(engine, downloading, "finish-download", { budgetMs: null, isAskedFor: true });
  while (engine.inFlight.size === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  const closing = engine.inFlight.close();
  while (clock.sleeping === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  clock.advance(5000);
  await closing;
  expect((await attempt).kind).toBe("postponed");

  const released = await engine.images.load("a");
  expect(released).toMatchObject({ state: "DOWNLOADING", leaseOwner: null, attempt: 0 });
  expect(released?.dueAtMs).toBeLessThanOrEqual(released?.nowMs ?? 0);
  goOn();
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(await engine.images.load("a")).toMatchObject({ state: "DOWNLOADING", fence: released?.fence });
});

it("closing waits for nothing once an act has stopped", async () => {
  const clock = new SteppedClock(tested.engine.clock);
  const engine: Engine = { ...tested.engine, clock };
  const { path, digest: checksum } = makeSmallImage(tested.store.path());
  // so slow that it would take minutes
  const server = await serveFile(path, 1);
  try {
    const wanted = checkRegistration({ name: "a", source: server.url, checksum });
    const { placement } = await register(engine, wanted);
    await perform(engine, placement, "begin-download", { budgetMs: null, isAskedFor: true });
    const downloading = await engine.images.load("a");
    if (downloading === null) throw new Error("the image is gone");
    const attempt = perform(engine, downloading, "finish-download", { budgetMs: null, isAskedFor: true });
    while (engine.inFlight.size === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    await engine.inFlight.close();
    expect((await attempt).kind).toBe("postponed");
    expect(clock.sleeping).toBe(0);
  } finally {
    await server.close();
  }
});
