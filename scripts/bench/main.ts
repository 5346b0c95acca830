// `npm run bench [-- fetch|status] [--runs N] [--image FILE.tar.gz|debian]`: imgstore against what one would do without
// it, measured here and now. Leaves no mount, loop device or file behind, also when it fails or is stopped by Ctrl-C.
import { spawnSync } from "node:child_process";
import { rmSync } from "node:fs";
import { parseArgs } from "node:util";
import { scratchDirectory } from "../scratch-directory.ts";
import type { BenchOptions } from "./bench.ts";
import { benchFetch } from "./fetch.ts";
import { benchStatus } from "./status.ts";

interface Bench {
  readonly run: (options: BenchOptions) => Promise<void>;
  /** Commands it cannot do without, and the Debian packages they come in. */
  readonly needs: Readonly<Record<string, string>>;
}

const BENCHES: Readonly<Record<string, Bench>> = {
  fetch: { run: benchFetch, needs: { curl: "curl", "mkfs.ext4": "e2fsprogs", mount: "mount", gzip: "gzip" } },
  status: { run: benchStatus, needs: {} },
};

process.exitCode = await main();

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { runs: { type: "string", default: "5" }, image: { type: "string" } },
  });
  const name = positionals[0] ?? "fetch";
  const bench = Object.hasOwn(BENCHES, name) ? BENCHES[name] : undefined;
  const runs = Number(values.runs);
  if (bench === undefined || positionals.length > 1 || !Number.isInteger(runs) || runs < 1) {
    return refuse(`usage: npm run bench [-- ${Object.keys(BENCHES).join("|")}] [--runs N] [--image FILE|debian]`);
  }
  if (process.getuid?.() !== 0) return refuse("the benchmarks mount file systems: only root may");
  const missing = Object.entries(bench.needs).filter(([command]) => !isThere(command));
  if (missing.length > 0) {
    return refuse(`missing: apt-get install ${missing.map(([, debianPackage]) => debianPackage).join(" ")}`);
  }
  const scratch = await scratchDirectory("bench");
  if (scratch === null) return refuse("every temporary directory lies on an overlay file system: set TMPDIR");
  return runIn(scratch, bench, { runs, image: values.image ?? process.env["IMGSTORE_BENCH_IMAGE"] });
}

async function runIn(scratch: string, bench: Bench, wanted: Pick<BenchOptions, "runs" | "image">): Promise<number> {
  const stop = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => stop.abort());
  try {
    await bench.run({ ...wanted, scratch, stop: stop.signal });
    return 0;
  } catch (error) {
    if (!stop.signal.aborted) throw error;
    return 130;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function isThere(command: string): boolean {
  return spawnSync("sh", ["-c", 'command -v "$1"', "sh", command]).status === 0;
}

function refuse(message: string): number {
  console.error(message);
  return 2;
}
