import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { moduleFile } from "../../adapters/package-files.ts";
import type { BenchOptions } from "./bench.ts";
import { withFreshDisk } from "./fresh-disk.ts";

const DISK_BYTES = 6 * 2 ** 30;

/**
 * What a sweep costs by how many images rest: one that finds nothing to do, and one that makes 50 transitions, against as
 * many bare compare-and-swap updates on the same rows of the same database, each of them committed.
 */
export async function benchSweep({ scratch, runs, stop }: BenchOptions): Promise<void> {
  await withFreshDisk(scratch, DISK_BYTES, async (disk) => {
    const root = `${disk}/store`;
    mkdirSync(root);
    const file = moduleFile("scripts/bench/sweep-process");
    const child = spawn(process.execPath, [file, root, String(runs)], {
      stdio: ["ignore", "inherit", "inherit"],
      signal: stop,
    });
    const [exitCode] = await once(child, "close");
    if (exitCode !== 0) throw new Error(`the measuring process ended with ${exitCode}`);
  });
}
