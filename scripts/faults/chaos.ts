// `npm run faults:chaos [-- --workers N] [--images N] [--seconds S] [--lease-ms MS] [--seed S]`: workers that are killed and
// stopped at random while images are fetched. Needs root; talks to the loopback address only, and leaves nothing behind.
import { runAsked } from "./asked.ts";
import { type ChaosOptions, runChaos } from "./chaos/run-chaos.ts";
import { inScratch } from "./in-scratch.ts";

const USAGE = `usage: npm run faults:chaos [-- options]
  --workers N    processes (default 8)
  --images N     (default 1000)
  --seconds S    how long they are killed and stopped (default 300)
  --lease-ms MS  (default 2000)
  --seed S       the same number disturbs in the same order (default: a new one, which is printed)`;

process.exitCode = await runAsked({
  usage: USAGE,
  options: ["workers", "images", "seconds", "lease-ms", "seed"],
  read: (given) => ({
    workers: given.number("workers", 8),
    images: given.number("images", 1000),
    seconds: given.number("seconds", 300),
    leaseMs: given.number("lease-ms", 2000),
    seed: given.seed(),
  }),
  run,
});

async function run(asked: Omit<ChaosOptions, "directory">): Promise<number> {
  return inScratch(async (directory) => {
    const { kills, stops, takeOversMs, findings } = await runChaos({ directory, ...asked });
    for (const finding of findings) console.log(`DAMAGED ${finding}`);
    const [median, p95, last] = [0.5, 0.95, 1].map(
      (part) => takeOversMs[Math.ceil(takeOversMs.length * part) - 1] ?? 0,
    );
    console.log(`${asked.images} images, ${kills} kills, ${stops} stops, ${findings.length} damaged`);
    console.log(
      `${takeOversMs.length} take-overs after a crash: median ${median} ms, p95 ${p95} ms, at most ${last} ms`,
    );
    console.log(`of a lease of ${asked.leaseMs} ms`);
    return findings.length === 0 ? 0 : 1;
  });
}
