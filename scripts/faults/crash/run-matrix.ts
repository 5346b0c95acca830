import { mkdtempSync } from "node:fs";
import { join } from "node:path";
import { inLanes } from "../in-lanes.ts";
import { type Kill, killAt, record, removeRun } from "./crash-matrix.ts";
import { type Scenario, scenarios } from "./scenarios.ts";
import { withFixtures } from "./with-fixtures.ts";

export interface MatrixOptions {
  /** An existing directory on a file system that an overlay's upper may lie on; what is made in it is removed. */
  readonly directory: string;
  /** Which of all points are tried, given how many there are: in their order, by index. */
  readonly choose: (count: number) => readonly number[];
  /** Runs at once. */
  readonly concurrency: number;
  readonly onKill?: (kill: Kill) => void;
}

export interface MatrixReport {
  /** Fault points that the scenarios pass. */
  readonly points: number;
  /** Edges of the table that they make, as `move from to`. */
  readonly edges: ReadonlySet<string>;
  readonly kills: number;
  /** Runs that came to their end without passing their point: what runs beside each other has no fixed order. */
  readonly unreached: number;
  /** What is wrong, with where; empty: nothing. */
  readonly findings: readonly string[];
}

/** Records every scenario, kills its process at the chosen points, a run each, and looks at what comes of it. */
export async function runMatrix(options: MatrixOptions): Promise<MatrixReport> {
  const home = mkdtempSync(join(options.directory, "crash-matrix-"));
  return withFixtures(home, (fixtures) => tryAll(scenarios(fixtures), home, options));
}

interface Chosen {
  readonly scenario: Scenario;
  readonly point: string;
}

async function tryAll(ways: readonly Scenario[], home: string, options: MatrixOptions): Promise<MatrixReport> {
  const findings: string[] = [];
  const edges = new Set<string>();
  const points: Chosen[] = [];
  await inLanes(ways, options.concurrency, async (scenario) => {
    const recorded = await inRun(home, (directory) => record(scenario, directory));
    findings.push(...recorded.findings.map((finding) => `${scenario.name}, not killed: ${finding}`));
    for (const edge of recorded.edges) edges.add(edge);
    points.push(...recorded.points.map((point) => ({ scenario, point })));
  });
  let [kills, unreached] = [0, 0];
  const chosen = options.choose(points.length).flatMap((index) => points[index] ?? []);
  await inLanes(chosen, options.concurrency, async ({ scenario, point }) => {
    const kill = await inRun(home, (directory) => killAt(scenario, point, directory));
    if (kill.isReached) kills += 1;
    else unreached += 1;
    findings.push(...kill.findings.map((finding) => `${kill.scenario}, killed at ${kill.point}: ${finding}`));
    options.onKill?.(kill);
  });
  return { points: points.length, edges, kills, unreached, findings };
}

async function inRun<T>(home: string, run: (directory: string) => Promise<T>): Promise<T> {
  const directory = mkdtempSync(join(home, "run-"));
  try {
    return await run(directory);
  } finally {
    await removeRun(directory);
  }
}
