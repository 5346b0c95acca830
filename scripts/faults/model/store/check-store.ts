import { mkdirSync, mkdtempSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import type { RegistrationRequest } from "../../../../functions/registration.ts";
import { removeRun } from "../../crash/crash-matrix.ts";
import { type Fixtures, makeFixtures } from "../../crash/fixtures.ts";
import { anyStoreSchedule } from "../any-schedule.ts";
import type { ModelReport } from "../check-model.ts";
import { Coverage } from "../coverage.ts";
import type { Schedule } from "../schedule.ts";
import { raceOverStore } from "./race-over-store.ts";
import { openRacedStore } from "./raced-store.ts";

export interface StoreCheck {
  /** On a file system that an overlay's upper may lie on; what is made in it is removed. */
  readonly directory: string;
  readonly schedules: number;
  readonly seed: number;
}

/** As `checkModel`, with the product's own functions over a real store. The first race that breaks a promise ends it. */
export async function checkStore({ directory, schedules, seed }: StoreCheck): Promise<ModelReport> {
  const home = mkdtempSync(join(directory, "imgstore-races-"));
  mkdirSync(join(home, "images"));
  const fixtures = await makeFixtures(join(home, "images"));
  const images = imagesOf(fixtures);
  const coverage = new Coverage();
  let [races, steps] = [0, 0];
  let story: string | null = null;
  const isKept = async (schedule: Schedule): Promise<boolean> => {
    const store = await openRacedStore(join(home, `store-${(races += 1)}`));
    try {
      const raced = await raceOverStore(store, images, schedule, coverage);
      steps += raced.steps;
      if (raced.findings.length > 0) story = [...raced.log, ...raced.findings].join("\n");
      return raced.findings.length === 0;
    } finally {
      await store.remove();
    }
  };
  try {
    const property = fc.asyncProperty(anyStoreSchedule, isKept);
    const { numRuns } = await fc.check(property, { numRuns: schedules, seed, endOnFailure: true });
    return { schedules: numRuns, steps, coverage, counterexample: story };
  } finally {
    await fixtures.close();
    await removeRun(home);
  }
}

/** One tar with its digest and without, and two images that share a layer. */
function imagesOf({ tar, archive }: Fixtures): RegistrationRequest[] {
  return [
    { name: "known", source: tar.path, checksum: tar.digest },
    { name: "unknown", source: tar.path },
    { name: "a", source: `docker-archive:${archive.path}:a:1` },
    { name: "b", source: `docker-archive:${archive.path}:b:1` },
  ];
}
