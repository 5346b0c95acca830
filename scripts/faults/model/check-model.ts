import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import * as fc from "fast-check";
import { anySchedule } from "./any-schedule.ts";
import { Coverage } from "./coverage.ts";
import type { Mutant } from "./mutants.ts";
import { runSchedule } from "./run-schedule.ts";
import type { Schedule } from "./schedule.ts";
import { openSteppedDatabase } from "./stepped-database.ts";

export interface ModelCheck {
  /** Where databases are made: on a tmpfs, as nothing of them is kept. */
  readonly directory: string;
  readonly schedules: number;
  readonly seed: number;
  /** The protocol broken on purpose; default not. */
  readonly mutant?: Mutant;
}

export interface ModelReport {
  readonly schedules: number;
  readonly steps: number;
  readonly coverage: Coverage;
  /** The simplest race that breaks a promise, call by call; null when none was found. */
  readonly counterexample: string | null;
}

/** So many simpler races are tried once one has broken a promise. */
const SHRINKING_TRIES = 400;

interface Broken {
  /** Of the last race that broke a promise, which is the simplest so far. */
  readonly story: string;
  tries: number;
}

/** Plays races that chance draws, until one breaks a promise; then looks for the simplest one that does. */
export async function checkModel({ directory, schedules, seed, mutant }: ModelCheck): Promise<ModelReport> {
  const scratch = mkdtempSync(join(directory, "imgstore-model-"));
  const coverage = new Coverage();
  let [races, steps] = [0, 0];
  const race = async (schedule: Schedule): Promise<Awaited<ReturnType<typeof runSchedule>>> => {
    const path = join(scratch, `${(races += 1)}.db`);
    const database = await openSteppedDatabase(path, mutant);
    try {
      return await runSchedule(database, schedule, coverage);
    } finally {
      await database.close();
      // The native library lets go of its statements on the event loop, which a race never comes back to.
      await setImmediate();
      for (const ending of ["", "-wal", "-shm", "-checkpoint.lock"]) rmSync(`${path}${ending}`, { force: true });
    }
  };
  let broken: Broken | null = null;
  const isKept = async (schedule: Schedule): Promise<boolean> => {
    if (broken !== null && broken.tries > SHRINKING_TRIES) return true;
    const { steps: calls, findings, log } = await race(schedule);
    steps += calls;
    if (findings.length > 0) broken = { story: [...log, ...findings].join("\n"), tries: broken?.tries ?? 0 };
    if (broken !== null) broken.tries += 1;
    return findings.length === 0;
  };
  try {
    const property = fc.asyncProperty(anySchedule, isKept);
    // That a mutant is found is enough.
    const { numRuns } = await fc.check(property, { numRuns: schedules, seed, endOnFailure: mutant !== undefined });
    return { schedules: numRuns, steps, coverage, counterexample: storyOf(broken) };
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function storyOf(broken: Broken | null): string | null {
  return broken?.story ?? null;
}
