import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createImageRows } from "../../../adapters/libsql/image-rows.ts";
import { createWorkRows } from "../../../adapters/libsql/work-rows.ts";
import { type WorkerOptions, work } from "../../../functions/cron/worker.ts";
import type { Engine } from "../../../functions/engine.ts";
import { checkRegistration, register } from "../../../functions/registration.ts";
import { until } from "../../support/child.ts";
import { type CountingDatabase, countCalls } from "../../support/counting-database.ts";
import { openEngineUnderTest } from "../../support/engine-under-test.ts";
import { type FaultyServer, sha256, startFaultyServer } from "../../support/faulty-server.ts";
import { makeSmallImage } from "../../support/small-image.ts";
import { SteppedClock } from "../../support/stepped-clock.ts";

const MINUTE_MS = 60_000;

describe("work", () => {
  let tested: Awaited<ReturnType<typeof openEngineUnderTest>>;
  let database: CountingDatabase;
  let clock: SteppedClock;
  let engine: Engine;
  let stop: AbortController;

  beforeEach(async () => {
    tested = await openEngineUnderTest();
    database = countCalls(tested.database);
    clock = new SteppedClock(tested.engine.clock);
    stop = new AbortController();
    const rows = { images: createImageRows(database, "here"), work: createWorkRows(database, "here") };
    engine = { ...tested.engine, ...rows, clock };
  });

  afterEach(() => tested.remove());

  const put = (name: string, source: string, checksum?: string) =>
    register(tested.engine, checkRegistration({ name, source, ...(checksum === undefined ? {} : { checksum }) }));

  const options = (differences: Partial<WorkerOptions> = {}): WorkerOptions => ({
    isOnce: false,
    concurrency: 4,
    signal: stop.signal,
    watch: () => () => {},
    onPerformed: () => {},
    onUnjudged: () => {},
    onError: (error) => {
      throw error;
    },
    ...differences,
  });

  it("reads the database at most twice a minute, and writes nothing, while nothing is due", async () => {
    await put("web", makeSmallImage(tested.store.path()).path);
    await work({ ...engine, clock: tested.engine.clock }, options({ isOnce: true }));
    expect((await tested.engine.images.load("web"))?.state).toBe("ACTIVE");

    const working = work(engine, options());
    await until(() => clock.sleeping === 1);
    const { reads, batches } = database;
    for (let minutes = 1; minutes <= 30; minutes += 1) {
      clock.advance(MINUTE_MS);
      await until(() => clock.sleeping === 1);
      expect(database.reads - reads).toBeLessThanOrEqual(2 * minutes);
    }
    expect(database.batches).toBe(batches);
    stop.abort();
    await working;
  });

  describe("beside a server that never answers", () => {
    let server: FaultyServer;

    beforeEach(async () => {
      server = await startFaultyServer({ object: Buffer.from("never sent") });
    });

    afterEach(() => server.close());

    it("sleeps as long when more is due than it has room for", async () => {
      for (let index = 0; index < 10; index += 1) {
        await put(`image-${index}`, `${server.origin}/${index}?delay=1000000`, sha256(Buffer.from([index])));
      }
      const working = work(engine, options({ concurrency: 1 }));
      await until(() => server.log.length === 1 && clock.sleeping === 1);
      expect((await tested.engine.images.due(100)).rows.length).toBeGreaterThan(2);
      expect(clock.sleeps.filter((ms) => ms <= 0)).toEqual([]);
      stop.abort();
      await engine.inFlight.close();
      await working;
    });
  });
});
