import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import { anySchedule } from "./any-schedule.ts";
import { Coverage } from "./coverage.ts";
import { runSchedule } from "./run-schedule.ts";
import type { Schedule } from "./schedule.ts";
import { openSteppedDatabase } from "./stepped-database.ts";

export interface ModelCheck {
  /** Where databases are made: on a tmpfs, as nothing of them is kept. */
  readonly directory: string;
  readonly schedules: number;
  readonly seed: number;
}

export interface ModelReport {
  readonly schedules: number;
  readonly steps: number;
  readonly coverage: Coverage;
  /** The simplest race that breaks a promise, call by call; null when none was found. */
  readonly counterexample: string | null;
}

/** Plays races that chance draws, until one breaks a promise; then looks for the simplest one that does. */
export async function checkModel({ directory, schedules, seed }: ModelCheck): Promise<ModelReport> {
  const scratch = mkdtempSync(join(directory, "imgstore-model-"));
  const coverage = new Coverage();
  let [races, steps] = [0, 0];
  const race = async (schedule: Schedule): Promise<Awaited<ReturnType<typeof runSchedule>>> => {
    const path = join(scratch, `${(races += 1)}.db`);
    const database = await openSteppedDatabase(path);
    try {
      return await runSchedule(database, schedule, coverage);
    } finally {
      await database.close();
      for (const ending of ["", "-wal", "-shm", "-checkpoint.lock"]) rmSync(`${path}${ending}`, { force: true });
    }
  };
  try {
    const isKept = async (schedule: Schedule): Promise<boolean> => {
      const raced = await race(schedule);
      steps += raced.steps;
      return raced.findings.length === 0;
    };
    const found = await fc.check(fc.asyncProperty(anySchedule, isKept), { numRuns: schedules, seed });
    const [simplest] = found.counterexample ?? [];
    const again = simplest === undefined ? null : await race(simplest);
    return {
      schedules: found.numRuns,
      steps,
      coverage,
      counterexample: again === null ? null : [...again.log, ...again.findings].join("\n"),
    };
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}
