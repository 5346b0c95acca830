// `npm run faults:fill-the-disk [-- --steps N] [--file-system ext4|tmpfs|btrfs] [--inodes] [--seed S]`: fills a store's disk at
// fault points of every move, gives the room back, and looks at what comes of it. Needs root; leaves nothing behind.
import { edges } from "../../core/lifecycle/image.ts";
import { runAsked } from "./asked.ts";
import { describeFill, runFills } from "./fill-the-disk/run-fills.ts";
import { FILE_SYSTEMS, type FileSystem, type Resource } from "./fill-the-disk/small-disk.ts";
import { inScratch } from "./in-scratch.ts";

const USAGE = `usage: npm run faults:fill-the-disk [-- options]
  --steps N                      how many of the fault points are tried, at random (default: each once)
  --file-system ext4|tmpfs|btrfs what the store lies on; on btrfs a quota ends, and not the disk (default ext4)
  --inodes                       it runs out of inodes, and not of bytes (not on btrfs, which makes them as it goes)
  --concurrency N                runs beside each other (default 2)
  --seed S                       the same number tries the same points (default: a new one, which is printed)`;

process.exitCode = await runAsked({
  usage: USAGE,
  options: ["steps", "file-system", "concurrency", "seed"],
  flags: ["inodes"],
  read: (given): Asked => {
    const fileSystem = given.oneOf("file-system", FILE_SYSTEMS);
    const resource = given.has("inodes") ? "inodes" : "bytes";
    if (fileSystem === "btrfs" && resource === "inodes") throw new RangeError("btrfs makes inodes as it goes");
    const steps = given.has("steps") ? given.number("steps", 0) : null;
    return { fileSystem, resource, steps, concurrency: given.number("concurrency", 2), seed: given.seed() };
  },
  run,
});

async function run(asked: Asked): Promise<number> {
  let done = 0;
  return inScratch(async (directory) => {
    const { concurrency, seed, ...wanted } = asked;
    const report = await runFills({
      directory,
      fills: [wanted],
      concurrency,
      seed,
      onFill: (fill) => {
        done += 1;
        for (const finding of fill.findings) console.log(`DAMAGED ${describeFill(fill)}: ${finding}`);
        if (done % 100 === 0) console.log(`${done} fills`);
      },
    });
    const missing = edges().filter((edge) => !report.edges.has(edge.join(" ")));
    for (const edge of missing) console.log(`NOT TRIED: ${edge.join(" ")}`);
    const { points, fills, findings } = report;
    const [reached, seen] = [fills.filter((fill) => fill.isReached), fills.filter((fill) => fill.isSeen)];
    const damaged = fills.filter((fill) => fill.findings.length > 0);
    console.log(`${points} fault points; ${fills.length} fills, ${fills.length - reached.length} of them not reached`);
    console.log(`something failed of ${seen.length} of them; ${damaged.length} damaged`);
    return findings.length + missing.length === 0 ? 0 : 1;
  });
}

interface Asked {
  readonly fileSystem: FileSystem;
  readonly resource: Resource;
  readonly steps: number | null;
  readonly concurrency: number;
  readonly seed: number;
}
