import { execFile } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { moduleFile } from "../../../adapters/package-files.ts";
import { type Scenario, scenarios } from "../crash/scenarios.ts";
import { withFixtures } from "../crash/with-fixtures.ts";
import { inLanes } from "../in-lanes.ts";
import { randomFrom, shuffled } from "../shuffled.ts";
import type { FillOrder, FillOutcome } from "./fill-and-go-on.ts";
import { type FileSystem, onSmallDisk, type Resource } from "./small-disk.ts";

export interface FillsOptions {
  /** An existing directory; what is made in it is removed. */
  readonly directory: string;
  readonly fills: readonly FillsWanted[];
  readonly seed: number;
  /** Runs at once, each on a disk of its own. */
  readonly concurrency: number;
  readonly onFill?: (fill: Fill) => void;
}

export interface FillsWanted {
  readonly fileSystem: FileSystem;
  readonly resource: Resource;
  /** How many fault points are tried; null: each once. */
  readonly steps: number | null;
}

/** One run of a scenario whose disk became full at a point. */
export interface Fill extends Pick<FillsWanted, "fileSystem" | "resource"> {
  readonly scenario: string;
  readonly point: string;
  /** False where this run came to its end without passing the point: what runs beside each other has no fixed order. */
  readonly isReached: boolean;
  /** Whether an attempt failed of it: the others needed no room. */
  readonly isSeen: boolean;
  /** What is wrong; empty: nothing. */
  readonly findings: readonly string[];
}

export interface FillsReport {
  /** Fault points that the scenarios pass. */
  readonly points: number;
  /** Edges of the table that they make, as `move from to`. */
  readonly edges: ReadonlySet<string>;
  readonly fills: readonly Fill[];
  /** What is wrong, with where; empty: nothing. */
  readonly findings: readonly string[];
}

/** Records every scenario, and runs it again with a disk that becomes full at one of its points, for each chosen point. */
export async function runFills(options: FillsOptions): Promise<FillsReport> {
  const home = mkdtempSync(join(options.directory, "fill-the-disk-"));
  return withFixtures(home, (fixtures) => tryAll(scenarios(fixtures), home, options));
}

interface Point {
  readonly scenario: Scenario;
  readonly point: string;
  /** Codes of errors that the scenario is about. */
  readonly errors: readonly string[];
}

async function tryAll(ways: readonly Scenario[], home: string, options: FillsOptions): Promise<FillsReport> {
  const { concurrency, fills: wanted, seed } = options;
  const [findings, edges, points, fills] = [[] as string[], new Set<string>(), [] as Point[], [] as Fill[]];
  await inLanes(ways, concurrency, async (scenario) => {
    const calm = { fillAt: null, slack: 0, isRelentless: false, resource: "bytes" } as const;
    const recorded = await runFill(home, "tmpfs", { scenario, ...calm });
    findings.push(...recorded.findings.map((finding) => `${scenario.name}, not filled: ${finding}`));
    for (const edge of recorded.edges) edges.add(edge);
    points.push(...recorded.points.map((point) => ({ scenario, point, errors: recorded.errors })));
  });
  const chosen = wanted.flatMap((fill) => choose(points, fill, seed).map((at) => ({ ...fill, ...at })));
  await inLanes(chosen, concurrency, async ({ fileSystem, point, errors, ...way }) => {
    const outcome = await runFill(home, fileSystem, { ...way, fillAt: point });
    const foreign = outcome.errors.filter((code) => !isExpected(code, errors, way.isRelentless));
    const wrong = [...foreign.map((code) => `failed with ${code}`), ...outcome.findings];
    const { isReached, isSeen } = outcome;
    const { resource, scenario } = way;
    const fill: Fill = { fileSystem, resource, scenario: scenario.name, point, isReached, isSeen, findings: wrong };
    fills.push(fill);
    findings.push(...wrong.map((finding) => `${describeFill(fill)}: ${finding}`));
    options.onFill?.(fill);
  });
  return { points: points.length, edges, fills, findings };
}

export function describeFill({ fileSystem, resource, scenario, point }: Fill): string {
  return `${scenario}, no ${resource} left on ${fileSystem} at ${point}`;
}

type Way = Pick<FillOrder, "slack" | "isRelentless">;

/** What is left at times, so that something fails in its middle. */
const SLACKS: Readonly<Record<Resource, readonly number[]>> = {
  bytes: [0, 0, 16_384, 100_000, 350_000],
  inodes: [0, 0, 1, 2, 5],
};

/** So many of the fills take also what becomes free meanwhile. */
const RELENTLESS_PART = 0.3;

/** Every point comes once before any comes again. */
function choose(points: readonly Point[], { steps, resource }: FillsWanted, seed: number): (Point & Way)[] {
  const random = randomFrom(seed);
  const count = steps ?? points.length;
  const rounds = Array.from({ length: Math.ceil(count / points.length) }, (_, round) => seed + round);
  const order = rounds.flatMap((round) => shuffled(points.length, round));
  const slacks = SLACKS[resource];
  return order.slice(0, count).flatMap((index) => {
    const point = points[index];
    const slack = slacks[Math.floor(random() * slacks.length)] ?? 0;
    return point === undefined ? [] : [{ ...point, slack, isRelentless: random() < RELENTLESS_PART }];
  });
}

/** Where nothing at all could be written, nobody could write down how an attempt ended either: its lease ran out. */
function isExpected(code: string, own: readonly string[], isRelentless: boolean): boolean {
  return code === "NO_SPACE" || own.includes(code) || (isRelentless && UNWRITTEN.has(code));
}

const UNWRITTEN = new Set(["LEASE_EXPIRED", "ATTEMPTS_EXHAUSTED"]);

/** Of a file system for one run: the ballast is laid down where four times as much is free. */
const DISK = { sizeBytes: 128 * 2 ** 20, inodes: 1024 };

/** Longer than any run: what takes so long hangs. */
const HUNG_AFTER_MS = 120_000;

/** On a disk and in a process of its own: one that opened a database keeps its files open for a while, and the disk busy. */
async function runFill(
  home: string,
  fileSystem: FileSystem,
  order: Omit<FillOrder, "root" | "fillerPath">,
): Promise<FillOutcome> {
  return onSmallDisk(home, { fileSystem, ...DISK }, async (directory) => {
    const whole: FillOrder = { ...order, root: join(directory, "store"), fillerPath: join(directory, "filler") };
    const args = [moduleFile("scripts/faults/fill-the-disk/fill-process"), JSON.stringify(whole)];
    try {
      const limits = { timeout: HUNG_AFTER_MS, killSignal: "SIGKILL" } as const;
      const { stdout } = await promisify(execFile)(process.execPath, args, limits);
      return JSON.parse(stdout);
    } catch (error) {
      const finding = `nobody could go on: ${endOf(error)}`;
      return { points: [], isReached: true, isSeen: true, errors: [], edges: [], findings: [finding] };
    }
  });
}

function endOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { signal, stderr } = Object.assign({ signal: null, stderr: "" }, error);
  return signal === null ? stderr : `${String(signal)} ended the process`;
}
