import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { unmountAt } from "../../../adapters/linux/mount-api.ts";
import { readMountTable } from "../../../adapters/linux/mount-table.ts";
import { moduleFile } from "../../../adapters/package-files.ts";
import { parseSettings } from "../../../core/settings.ts";
import type { Engine } from "../../../functions/engine.ts";
import { type Composed, compose } from "../../../functions/runtimes/compose.ts";
import { auditStore } from "../audit/audit-store.ts";
import type { Order } from "./crash-worker.ts";
import { meddle } from "./meddle.ts";
import { runSteps, type Step } from "./run-steps.ts";
import type { Scenario } from "./scenarios.ts";

const NODE = "here";
const ENVIRONMENT = { IMGSTORE_NODE: NODE, IMGSTORE_LEASE_MS: "300", IMGSTORE_BACKOFF_MAX_MS: "20" };

/** One run of a scenario whose process was killed at a point. */
export interface Kill {
  readonly scenario: string;
  readonly point: string;
  /** False where this run came to its end without passing the point. */
  readonly isReached: boolean;
  /** What is wrong with the store after others went on; empty: nothing. */
  readonly findings: readonly string[];
}

/** What a scenario passes when nobody is killed. */
export interface Recording {
  readonly points: readonly string[];
  /** The edges of the table that it made, as `move from to`. */
  readonly edges: readonly string[];
  readonly findings: readonly string[];
}

/** Runs a scenario without a kill, and names its fault points. @param directory empty, and the caller's to remove */
export async function record(scenario: Scenario, directory: string): Promise<Recording> {
  const store = await prepare(scenario, join(directory, "store"));
  const recordTo = join(directory, "points");
  const { signal, stderr } = await runWorker({ ...store.order, recordTo });
  if (signal !== null || stderr !== "") throw new Error(`"${scenario.name}" did not end well: ${stderr}`);
  const findings = await recoverAndAudit(scenario, store);
  const points = existsSync(recordTo) ? readFileSync(recordTo, "utf8").split("\n").filter(Boolean) : [];
  return { points, edges: await edgesOf(store), findings };
}

/** Runs a scenario, kills its process at a point, lets others go on, and looks at what came of it. */
export async function killAt(scenario: Scenario, point: string, directory: string): Promise<Kill> {
  const store = await prepare(scenario, join(directory, "store"));
  const { signal } = await runWorker({ ...store.order, killAt: point });
  const findings = await recoverAndAudit(scenario, store);
  return { scenario: scenario.name, point, isReached: signal === "SIGKILL", findings };
}

/** Unmounts and removes what a run left in its directory. */
export async function removeRun(directory: string): Promise<void> {
  const mounted = (await readMountTable()).filter(({ mountPoint }) => mountPoint.startsWith(`${directory}/`));
  for (const { mountPoint } of mounted.toReversed()) unmountAt(mountPoint, true);
  rmSync(directory, { recursive: true, force: true });
}

interface PreparedStore {
  readonly root: string;
  readonly order: Order;
  readonly letGo: () => void;
}

async function open(environment: Readonly<Record<string, string>>): Promise<Composed> {
  return compose(parseSettings(environment, { hostName: NODE, absolute: (path) => path }), { outlivesRequests: true });
}

async function prepare(scenario: Scenario, root: string): Promise<PreparedStore> {
  mkdirSync(root, { recursive: true });
  const environment = { ...ENVIRONMENT, ...scenario.environment, IMGSTORE_ROOT: root };
  const { engine, close } = await open(environment);
  await runSteps(engine, scenario.before);
  await close();
  const letGo = meddle(root, scenario.meanwhile);
  return { root, letGo, order: { environment, steps: scenario.steps } };
}

async function runWorker(order: Order): Promise<{ readonly signal: string | null; readonly stderr: string }> {
  const child = spawn(process.execPath, [moduleFile("scripts/faults/crash/crash-worker"), JSON.stringify(order)], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  const [[, signal], stderr] = await Promise.all([once(child, "close"), text(child.stderr)]);
  return { signal: typeof signal === "string" ? signal : null, stderr };
}

async function recoverAndAudit(scenario: Scenario, { root, order, letGo }: PreparedStore): Promise<string[]> {
  const store = { root, node: NODE };
  const { engine, close } = await open(order.environment);
  try {
    await goOn(engine, order.steps).finally(letGo);
    const findings = await auditStore({ ...store, isCollected: false }, scenario.expected);
    await runSteps(engine, [{ do: "gc" }]);
    return [...findings, ...(await auditStore({ ...store, isCollected: true }, scenario.expected))];
  } catch (error) {
    return [`nobody could go on: ${error instanceof Error ? error.message : String(error)}`];
  } finally {
    await close();
  }
}

async function goOn(engine: Engine, steps: readonly Step[]): Promise<void> {
  await runSteps(engine, steps);
  await engine.reaper.settled();
}

async function edgesOf({ order }: PreparedStore): Promise<string[]> {
  const { engine, close } = await open(order.environment);
  const names = ["a", "b"];
  const rows = await Promise.all(names.map((name) => engine.images.history(name, "latest")));
  await close();
  return rows.flat().map(({ move, fromState, toState }) => `${move} ${fromState} ${toState}`);
}
