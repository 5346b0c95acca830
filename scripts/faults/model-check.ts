// `npm run faults:model-check [-- --schedules N] [--seed S]`: races of workers, people and collections over the rows of a
// real database, call by call in an order that chance draws, where each step is held to what core/README.md promises.
import { tmpdir } from "node:os";
import { parseArgs } from "node:util";
import { checkModel } from "./model/check-model.ts";
import { MUTANTS } from "./model/mutants.ts";

const USAGE = `usage: npm run faults:model-check [-- options]
  --schedules N  races (default 5000)
  --seed S       the same number draws the same races (default: a new one, which is printed)
  --mutants      breaks the protocol in one place after the other, and says whether that is found`;

process.exitCode = await main();

async function main(): Promise<number> {
  const asked = askedFor();
  if (asked === null) {
    console.error(USAGE);
    return 2;
  }
  console.log(`seed ${asked.seed}`);
  if (asked.isOfMutants) return checkMutants(asked);
  const { schedules, steps, coverage, counterexample } = await checkModel({ directory: tmpdir(), ...asked });
  for (const [kind, count] of coverage.counts) console.log(`${String(count).padStart(9)}  ${kind}`);
  console.log(`${schedules} races, ${steps} steps`);
  for (const kind of coverage.missing) console.log(`NEVER TRIED: ${kind}`);
  if (counterexample !== null) console.log(`BROKEN\n${counterexample}`);
  return counterexample === null && coverage.missing.length === 0 ? 0 : 1;
}

/** The number of races that each mutant outlived, and of those that were never found. */
async function checkMutants(asked: Asked): Promise<number> {
  let survivors = 0;
  for (const mutant of MUTANTS) {
    const { schedules, counterexample } = await checkModel({ directory: tmpdir(), ...asked, mutant });
    const isFound = counterexample !== null;
    if (!isFound) survivors += 1;
    const last = counterexample?.split("\n").at(-1) ?? "";
    console.log(`${isFound ? `found by race ${schedules}` : "NOT FOUND"}: ${mutant.name} (${last})`);
  }
  console.log(`${MUTANTS.length} mutants, ${survivors} not found`);
  return survivors === 0 ? 0 : 1;
}

interface Asked {
  readonly schedules: number;
  readonly seed: number;
  readonly isOfMutants: boolean;
}

function askedFor(): Asked | null {
  try {
    const { values } = parseArgs({
      options: {
        schedules: { type: "string" },
        seed: { type: "string" },
        mutants: { type: "boolean" },
        help: { type: "boolean" },
      },
    });
    const schedules = Number(values.schedules ?? 5000);
    const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31));
    const isRight = [schedules, seed].every((value) => Number.isSafeInteger(value) && value >= 0);
    return values.help === true || !isRight ? null : { schedules, seed, isOfMutants: values.mutants === true };
  } catch {
    return null;
  }
}
