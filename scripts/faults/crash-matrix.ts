// `npm run faults:crash-matrix [-- --kills N] [--seed S]`: kills a process at fault points of every move, lets others go on,
// and looks at what comes of it. Needs root; leaves nothing behind.
import { edges } from "../../core/lifecycle/image.ts";
import { runAsked } from "./asked.ts";
import { runMatrix } from "./crash/run-matrix.ts";
import { inScratch } from "./in-scratch.ts";
import { shuffled } from "./shuffled.ts";

const USAGE = `usage: npm run faults:crash-matrix [-- --kills N] [--seed S]
  --kills N  how many of the fault points are tried, at random (default: each once; more than there are: again)
  --seed S   the same number tries the same points (default: a new one, which is printed)`;

process.exitCode = await runAsked({
  usage: USAGE,
  options: ["kills", "seed"],
  read: (given) => ({ kills: given.has("kills") ? given.number("kills", 0) : null, seed: given.seed() }),
  run,
});

async function run({ kills, seed }: { readonly kills: number | null; readonly seed: number }): Promise<number> {
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
