import { execFileSync, spawnSync } from "node:child_process";
import type { Contestant } from "./contestant.ts";
import { withFreshDisk } from "./fresh-disk.ts";
import { type Measurement, measure } from "./measure/measure.ts";

/** A contestant and what its runs took, in their order. */
export interface Contender {
  readonly contestant: Contestant;
  readonly runs: readonly Measurement[];
}

/** They are sparse. */
const LEAST_DISK_BYTES = 16 * 2 ** 30;

export interface ContestOptions {
  readonly contestants: readonly Contestant[];
  readonly runs: number;
  /** Where the disks are made. */
  readonly scratch: string;
  /** What they work on: it says how large the disks must be. */
  readonly archive: { readonly sizeBytes: number };
  readonly stop: AbortSignal;
}

/**
 * Every contestant's runs, each on a fresh disk, in turns: whatever disturbs the machine for a while disturbs all. Who
 * went first in one round goes last in the next. Those that miss a command are named and left out.
 */
export async function contest(options: ContestOptions): Promise<readonly Contender[]> {
  const { scratch, stop } = options;
  const diskBytes = LEAST_DISK_BYTES + 10 * options.archive.sizeBytes;
  const contenders = options.contestants
    .filter(canRun)
    .map((contestant) => ({ contestant, runs: [] as Measurement[] }));
  for (let round = 0; round < options.runs; round++) {
    const first = round % contenders.length;
    for (const { contestant, runs } of [...contenders.slice(first), ...contenders.slice(0, first)]) {
      const measurement = await withFreshDisk(scratch, diskBytes, async (disk) => {
        contestant.prepare?.(disk);
        execFileSync("sync", ["--file-system", disk]);
        return measure(contestant.command(disk), stop);
      });
      runs.push(measurement);
      console.error(`run ${round + 1}: ${measurement.wallMs.toFixed(0).padStart(6)} ms  ${contestant.name}`);
    }
  }
  return contenders;
}

function canRun({ name, needs }: Contestant): boolean {
  const missing = Object.keys(needs).filter((command) => !isThere(command));
  if (missing.length === 0) return true;
  const packages = new Set(missing.map((command) => needs[command]));
  console.log(`skipped: ${name} (there is no ${missing.join(", ")}: apt-get install ${[...packages].join(" ")})`);
  return false;
}

/** Whether a command is installed here. */
export function isThere(command: string): boolean {
  return spawnSync("sh", ["-c", 'command -v "$1"', "sh", command]).status === 0;
}
