// `npm run faults:model-check [-- --schedules N] [--seed S]`: races of workers, people and collections over the rows of a
// real database, call by call in an order that chance draws, where each step is held to what core/README.md promises.
import { tmpdir } from "node:os";
import { parseArgs } from "node:util";
import { checkModel } from "./model/check-model.ts";

const USAGE = `usage: npm run faults:model-check [-- options]
  --schedules N  races (default 5000)
  --seed S       the same number draws the same races (default: a new one, which is printed)`;

process.exitCode = await main();

async function main(): Promise<number> {
  const asked = askedFor();
  if (asked === null) {
    console.error(USAGE);
    return 2;
  }
  console.log(`seed ${asked.seed}`);
  const { schedules, steps, coverage, counterexample } = await checkModel({ directory: tmpdir(), ...asked });
  for (const [kind, count] of coverage.counts) console.log(`${String(count).padStart(9)}  ${kind}`);
  console.log(`${schedules} races, ${steps} steps`);
  if (counterexample === null) return 0;
  console.log(`BROKEN\n${counterexample}`);
  return 1;
}

function askedFor(): { readonly schedules: number; readonly seed: number } | null {
  try {
    const { values } = parseArgs({
      options: { schedules: { type: "string" }, seed: { type: "string" }, help: { type: "boolean" } },
    });
    const schedules = Number(values.schedules ?? 5000);
    const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31));
    const isRight = [schedules, seed].every((value) => Number.isSafeInteger(value) && value >= 0);
    return values.help === true || !isRight ? null : { schedules, seed };
  } catch {
    return null;
  }
}
