import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { moduleFile } from "../../../adapters/package-files.ts";
import { removeRun } from "../crash/crash-matrix.ts";
import { makeFixtures } from "../crash/fixtures.ts";
import { type Scenario, scenarios } from "../crash/scenarios.ts";
import { inLanes } from "../in-lanes.ts";
import { randomFrom, shuffled } from "../shuffled.ts";
import type { FillOrder, FillOutcome } from "./fill-and-go-on.ts";
import { type FileSystem, onSmallDisk, type Resource } from "./small-disk.ts";

export interface FillsOptions {
  /** An existing directory; what is made in it is removed. */
  readonly directory: string;
  readonly fileSystem: FileSystem;
  readonly resource: Resource;
  /** How many fault points are tried; null: each once. */
  readonly steps: number | null;
  readonly seed: number;
  /** Runs at once, each on a disk of its own. */
  readonly concurrency: number;
  readonly onFill?: (fill: Fill) => void;
}

/** One run of a scenario whose disk became full at a point. */
export interface Fill {
  readonly scenario: string;
  readonly point: string;
  readonly isReached: boolean;
  readonly isSeen: boolean;
  /** What is wrong; empty: nothing. */
  readonly findings: readonly string[];
}

export interface FillsReport {
  /** Fault points that the scenarios pass. */
  readonly points: number;
  /** Edges of the table that they make, as `move from to`. */
  readonly edges: ReadonlySet<string>;
  readonly fills: number;
  /** Runs in which an attempt failed of it: the others needed no room. */
  readonly seen: number;
  /** Runs that came to their end without passing their point. */
  readonly unreached: number;
  readonly findings: readonly string[];
}

/** Records every scenario, and runs it again with a disk that becomes full at one of its points, for each chosen point. */
export async function runFills(options: FillsOptions): Promise<FillsReport> {
  const home = mkdtempSync(join(options.directory, "fill-the-disk-"));
  const images = join(home, "images");
  mkdirSync(images);
  const fixtures = await makeFixtures(images);
  try {
    return await tryAll(scenarios(fixtures), home, options);
  } finally {
    await fixtures.close();
    await removeRun(home);
  }
}

/** Of a file system for one run: the ballast is laid down where four times as much is free. */
const SIZE_BYTES = 128 * 2 ** 20;
const INODES = 1024;

interface Recorded {
  readonly scenario: Scenario;
  readonly point: string;
  /** Codes of errors that the scenario is about. */
  readonly errors: readonly string[];
}

async function tryAll(ways: readonly Scenario[], home: string, options: FillsOptions): Promise<FillsReport> {
  const report = { edges: new Set<string>(), fills: 0, seen: 0, unreached: 0, findings: [] as string[] };
  const points: Recorded[] = [];
  const disk = { fileSystem: options.fileSystem, sizeBytes: SIZE_BYTES, inodes: INODES };
  const calm = { fillAt: null, slack: 0, isRelentless: false };
  const each = async <T>(items: readonly T[], visit: (item: T, run: RunFill) => Promise<void>): Promise<void> => {
    await inLanes(items, options.concurrency, (item) =>
      onSmallDisk(home, disk, (directory) => visit(item, (order) => runFill(directory, options.resource, order))),
    );
  };
  await each(ways, async (scenario, run) => {
    const { errors, ...recorded } = await run({ scenario, ...calm });
    report.findings.push(...recorded.findings.map((finding) => `${scenario.name}, not filled: ${finding}`));
    for (const edge of recorded.edges) report.edges.add(edge);
    points.push(...recorded.points.map((point) => ({ scenario, point, errors })));
  });
  await each(choose(points, options), async ({ scenario, point, errors, ...way }, run) => {
    const outcome = await run({ scenario, fillAt: point, ...way });
    const foreign = outcome.errors.filter((code) => !isExpected(code, errors, way.isRelentless));
    const findings = [...foreign.map((code) => `failed with ${code}`), ...outcome.findings];
    if (outcome.isReached) report.fills += 1;
    else report.unreached += 1;
    if (outcome.isSeen) report.seen += 1;
    const where = `${scenario.name}, full at ${point}${way.isRelentless ? " for good" : ""}, all but ${way.slack}`;
    report.findings.push(...findings.map((finding) => `${where}: ${finding}`));
    options.onFill?.({ ...outcome, scenario: scenario.name, point, findings });
  });
  return { points: points.length, ...report };
}

type Way = Pick<FillOrder, "slack" | "isRelentless">;

/** What is left at times, so that something fails in its middle. */
const SLACKS: Readonly<Record<Resource, readonly number[]>> = {
  bytes: [0, 0, 16_384, 100_000, 350_000],
  inodes: [0, 0, 1, 2, 5],
};

/** Every point comes once before any comes again. */
function choose(points: readonly Recorded[], { steps, seed, resource }: FillsOptions): (Recorded & Way)[] {
  const random = randomFrom(seed);
  const order = Array.from({ length: Math.ceil((steps ?? points.length) / points.length) }, (_, round) =>
    shuffled(points.length, seed + round),
  ).flat();
  const slacks = SLACKS[resource];
  return order.slice(0, steps ?? points.length).flatMap((index) => {
    const point = points[index];
    const slack = slacks[Math.floor(random() * slacks.length)] ?? 0;
    return point === undefined ? [] : [{ ...point, slack, isRelentless: random() < 0.3 }];
  });
}

/** Where nothing at all could be written, nobody could write down how an attempt ended either. */
function isExpected(code: string, own: readonly string[], isRelentless: boolean): boolean {
  return code === "NO_SPACE" || own.includes(code) || (isRelentless && code === "LEASE_EXPIRED");
}

type RunFill = (order: Pick<FillOrder, "scenario" | "fillAt"> & Way) => Promise<FillOutcome>;

/** Longer than any run: what takes so long hangs. */
const HUNG_AFTER_MS = 120_000;

/** In a process of its own: one that opened a database keeps its files open for a while, and the disk busy. */
async function runFill(directory: string, resource: Resource, order: Parameters<RunFill>[0]): Promise<FillOutcome> {
  const places = { root: join(directory, "store"), fillerPath: join(directory, "filler") };
  const args = [
    moduleFile("scripts/faults/fill-the-disk/fill-process"),
    JSON.stringify({ ...order, ...places, resource }),
  ];
  try {
    const { stdout } = await promisify(execFile)(process.execPath, args, {
      timeout: HUNG_AFTER_MS,
      killSignal: "SIGKILL",
    });
    return JSON.parse(stdout);
  } catch (error) {
    const finding = `nobody could go on: ${error instanceof Error ? error.message : String(error)}`;
    return { points: [], isReached: true, isSeen: true, errors: [], edges: [], findings: [finding] };
  }
}
