// `npm run faults:fill-the-disk [-- --steps N] [--file-system ext4|tmpfs|btrfs] [--inodes] [--seed S]`: fills a store's disk at
// fault points of every move, gives the room back, and looks at what comes of it. Needs root; leaves nothing behind.
import { parseArgs } from "node:util";
import { edges } from "../../core/lifecycle/image.ts";
import { describeFill, runFills } from "./fill-the-disk/run-fills.ts";
import { FILE_SYSTEMS, type FileSystem, type Resource } from "./fill-the-disk/small-disk.ts";
import { inScratch } from "./in-scratch.ts";

const USAGE = `usage: npm run faults:fill-the-disk [-- options]
  --steps N                      how many of the fault points are tried, at random (default: each once)
  --file-system ext4|tmpfs|btrfs what the store lies on; on btrfs a quota ends, and not the disk (default ext4)
  --inodes                       it runs out of inodes, and not of bytes (not on btrfs, which makes them as it goes)
  --concurrency N                runs beside each other (default 2)
  --seed S                       the same number tries the same points (default: a new one, which is printed)`;

process.exitCode = await main();

async function main(): Promise<number> {
  const asked = askedFor();
  if (asked === null) {
    console.error(USAGE);
    return 2;
  }
  console.log(`seed ${asked.seed}`);
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

function askedFor(): Asked | null {
  try {
    const text = { type: "string" } as const;
    const flag = { type: "boolean" } as const;
    const { values } = parseArgs({
      options: { steps: text, "file-system": text, inodes: flag, concurrency: text, seed: text, help: flag },
    });
    const fileSystem = FILE_SYSTEMS.find((known) => known === (values["file-system"] ?? "ext4"));
    const steps = values.steps === undefined ? null : Number(values.steps);
    const numbers = {
      concurrency: Number(values.concurrency ?? 2),
      seed: Number(values.seed ?? Math.floor(Math.random() * 2 ** 31)),
    };
    const areRight = [steps ?? 0, ...Object.values(numbers)].every(
      (value) => Number.isSafeInteger(value) && value >= 0,
    );
    const resource = values.inodes === true ? "inodes" : "bytes";
    if (values.help === true || !areRight || fileSystem === undefined) return null;
    return fileSystem === "btrfs" && resource === "inodes" ? null : { fileSystem, resource, steps, ...numbers };
  } catch {
    return null;
  }
}
