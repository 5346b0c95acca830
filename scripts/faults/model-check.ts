// `npm run faults:model-check [-- --schedules N] [--stores N] [--seed S]`: races of workers, people and collections over the
// rows of a real database, call by call in an order that chance draws, where each step is held to what core/README.md
// promises; then the same of the product's own functions over real stores. Needs root; leaves nothing behind.
import { runAsked } from "./asked.ts";
import { checkModel, type ModelReport } from "./model/check-model.ts";
import { MUTANTS } from "./model/mutants.ts";
import { checkStore } from "./model/store/check-store.ts";

const USAGE = `usage: npm run faults:model-check [-- options]
  --schedules N  races over the rows (default 5000)
  --stores N     races of the product's own functions over real stores (default 200); as root, in /dev/shm
  --seed S       the same number draws the same races (default: a new one, which is printed)
  --mutants      breaks the protocol in one place after the other, and says whether that is found`;

/** A tmpfs: nothing of it is kept, and an overlay's upper may lie there. */
const DIRECTORY = "/dev/shm";

process.exitCode = await runAsked({
  usage: USAGE,
  options: ["schedules", "stores", "seed"],
  flags: ["mutants"],
  read: (given) => ({
    schedules: given.number("schedules", 5000),
    stores: given.number("stores", 200),
    seed: given.seed(),
    isOfMutants: given.has("mutants"),
  }),
  run,
});

async function run(asked: Asked): Promise<number> {
  if (asked.isOfMutants) return checkMutants(asked);
  const rows = await checkModel({ directory: DIRECTORY, ...asked });
  const areRowsRight = tell("over the rows", rows, asked.schedules === 0 ? [] : rows.coverage.missing);
  const stores = await checkStore({ directory: DIRECTORY, schedules: asked.stores, seed: asked.seed });
  return tell("over stores", stores, []) && areRowsRight ? 0 : 1;
}

/** Whether all is well. */
function tell(
  over: string,
  { schedules, steps, coverage, counterexample }: ModelReport,
  missing: readonly string[],
): boolean {
  for (const [kind, count] of coverage.counts) console.log(`${String(count).padStart(9)}  ${kind}`);
  for (const kind of missing) console.log(`NEVER TRIED: ${kind}`);
  if (counterexample !== null) console.log(`BROKEN\n${counterexample}`);
  console.log(
    `${schedules} races ${over}, ${steps} steps, ${counterexample === null ? "no promise" : "a promise"} broken`,
  );
  return counterexample === null && missing.length === 0;
}

/** The number of races that each mutant outlived, and of those that were never found. */
async function checkMutants(asked: Asked): Promise<number> {
  let survivors = 0;
  for (const mutant of MUTANTS) {
    const { schedules, counterexample } = await checkModel({ directory: DIRECTORY, ...asked, mutant });
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
  readonly stores: number;
  readonly seed: number;
  readonly isOfMutants: boolean;
}
