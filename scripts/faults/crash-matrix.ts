// `npm run faults:crash-matrix [-- --kills N] [--seed S]`: kills a process at fault points of every move, lets others go on,
// and looks at what comes of it. Needs root; leaves nothing behind.
import { parseArgs } from "node:util";
import { edges } from "../../core/lifecycle/image.ts";
import { runMatrix } from "./crash/run-matrix.ts";
import { inScratch } from "./in-scratch.ts";
import { shuffled } from "./shuffled.ts";

const USAGE = `usage: npm run faults:crash-matrix [-- --kills N] [--seed S]
  --kills N  how many of the fault points are tried, at random (default: each once; more than there are: again)
  --seed S   the same number tries the same points (default: a new one, which is printed)`;

process.exitCode = await main();

async function main(): Promise<number> {
  const asked = askedFor();
  if (asked === null) {
    console.error(USAGE);
    return 2;
  }
  const { kills, seed } = asked;
  console.log(`seed ${seed}`);
  let done = 0;
  return inScratch(async (directory) => {
    const report = await runMatrix({
      directory,
      concurrency: 3,
      choose: (count) => Array.from({ length: kills ?? count }, (_, index) => shuffledIndex(count, index, seed)),
      onKill: ({ findings, scenario, point }) => {
        done += 1;
        for (const finding of findings) console.log(`DAMAGED ${scenario}, killed at ${point}: ${finding}`);
        if (done % 100 === 0) console.log(`${done} kills`);
      },
    });
    const { points, findings } = report;
    const missing = edges().filter((edge) => !report.edges.has(edge.join(" ")));
    for (const edge of missing) console.log(`NOT TRIED: ${edge.join(" ")}`);
    console.log(
      `${points} fault points, ${report.kills} kills, ${report.unreached} not reached, ${findings.length} damaged`,
    );
    return findings.length + missing.length === 0 ? 0 : 1;
  });
}

/** Every point comes once before any comes again. */
function shuffledIndex(count: number, index: number, seed: number): number {
  return shuffled(count, seed + Math.floor(index / count))[index % count] ?? 0;
}

function askedFor(): { readonly kills: number | null; readonly seed: number } | null {
  try {
    const { values } = parseArgs({
      options: { kills: { type: "string" }, seed: { type: "string" }, help: { type: "boolean" } },
    });
    const kills = values.kills === undefined ? null : Number(values.kills);
    const seed = values.seed === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(values.seed);
    const isRight = (kills === null || (Number.isSafeInteger(kills) && kills >= 0)) && Number.isSafeInteger(seed);
    return values.help === true || !isRight ? null : { kills, seed };
  } catch {
    return null;
  }
}
