import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { MOVES } from "../../core/lifecycle/image.ts";
import { type CutOutcome, cutPower } from "../../scripts/faults/power-cuts/cut-power.ts";
import { describeLog } from "../../scripts/faults/power-cuts/disk-log.ts";
import { DATABASE_PLACES, type Recording, recordWalk } from "../../scripts/faults/power-cuts/recording.ts";

const findingsOf = (outcomes: readonly CutOutcome[]): string[] =>
  outcomes.flatMap(({ at, findings }) => findings.map((finding) => `at ${at}: ${finding}`));

describe.each(DATABASE_PLACES)("a store whose power is cut, its database %s,", (database) => {
  let recording: Recording;
  beforeAll(async () => {
    recording = await recordWalk("/dev/shm", { fileSystem: "ext4", database });
  }, 120_000);
  afterAll(() => recording.remove());

  test("while it makes every move, has lost nothing that was promised, and goes on", async () => {
    const outcomes = await cutPower(recording, { cuts: 20, seed: 1, concurrency: 2 });
    console.log(`ext4, database ${database}: ${describeLog(recording.history.events)}; ${outcomes.length} cuts`);
    expect(findingsOf(outcomes)).toEqual([]);
    expect(outcomes).toHaveLength(20);
    expect(Object.keys(MOVES).filter((move) => !recording.moves.has(move))).toEqual([]);
  }, 180_000);

  test("is found damaged where its disk did not make what it was told to flush", async () => {
    const outcomes = await cutPower(recording, { cuts: 6, seed: 1, ignoredFlushes: 64, concurrency: 2 });
    console.log(`${findingsOf(outcomes).length} findings after ${outcomes.length} cuts of a disk that lies`);
    expect(findingsOf(outcomes)).not.toEqual([]);
  }, 180_000);
});
