import { mkdirSync } from "node:fs";
import { asImgstoreError } from "../../../core/errors.ts";
import { parseSettings } from "../../../core/settings.ts";
import { reap } from "../../../functions/cron/reap.ts";
import type { Engine } from "../../../functions/engine.ts";
import { type Composed, compose } from "../../../functions/runtimes/compose.ts";
import { auditStore } from "../audit/audit-store.ts";
import { faultyEngine } from "../crash/faulty-engine.ts";
import { meddle } from "../crash/meddle.ts";
import { runSteps } from "../crash/run-steps.ts";
import type { Scenario } from "../crash/scenarios.ts";
import { createFiller } from "./filler.ts";
import { Seizure } from "./seizure.ts";
import type { Resource } from "./small-disk.ts";

const NODE = "here";
// longer than filling a disk takes, during which this process does nothing else
const ENVIRONMENT = { IMGSTORE_NODE: NODE, IMGSTORE_LEASE_MS: "3000", IMGSTORE_BACKOFF_MAX_MS: "20" };

export interface FillOrder {
  readonly scenario: Scenario;
  /** Of the store; made. */
  readonly root: string;
  /** A directory for what the disk is filled with; made. */
  readonly fillerPath: string;
  readonly resource: Resource;
  /** Where the disk becomes full; null: nowhere. */
  readonly fillAt: string | null;
  /** So much is left, of bytes or inodes. */
  readonly slack: number;
  /** Whether what becomes free meanwhile is taken as well, so that nobody can do anything. */
  readonly isRelentless: boolean;
}

export interface FillOutcome {
  /** Fault points that were passed, in order. */
  readonly points: readonly string[];
  /** False where this run came to its end without passing the point. */
  readonly isReached: boolean;
  /** Whether anything failed of it. */
  readonly isSeen: boolean;
  /** Codes of all errors that were thrown or recorded, the scenario's own among them. */
  readonly errors: readonly string[];
  /** The edges of the table that were made, as `move from to`. */
  readonly edges: readonly string[];
  /** What is wrong; empty: nothing. */
  readonly findings: readonly string[];
}

/** Makes a scenario on a disk that becomes full at a point, until that is seen, and what is left of it when there is room. */
export async function fillAndGoOn(order: FillOrder): Promise<FillOutcome> {
  const { scenario, root } = order;
  mkdirSync(root, { recursive: true });
  const thrown: string[] = [];
  const prepared = await open(order);
  await runSteps(prepared.engine, scenario.before);
  // what a daemon has done long before: room is kept for the database
  await reap(prepared.engine);
  await prepared.close();
  const letGo = meddle(root, scenario.meanwhile);

  const seizure = new Seizure({ filler: createFiller({ ...order, directory: order.fillerPath }), ...order });
  const note = (error: unknown): void => {
    const { code, message } = asImgstoreError(error);
    thrown.push(code === "INTERNAL" ? `INTERNAL (${message})` : code);
  };
  await whileSeized(order, seizure).catch(note);
  seizure.end();
  const outcome = await goOn(order, letGo, note);
  return {
    points: seizure.points,
    isReached: seizure.isReached,
    isSeen: seizure.isSeen || thrown.length > 0,
    ...outcome,
    errors: [...new Set([...thrown, ...outcome.errors])],
    findings: [...seizure.findings, ...outcome.findings],
  };
}

async function open({ scenario, root }: FillOrder): Promise<Composed> {
  const environment = { ...ENVIRONMENT, ...scenario.environment, IMGSTORE_ROOT: root };
  return compose(parseSettings(environment, { hostName: NODE, absolute: (path) => path }), { outlivesRequests: true });
}

async function whileSeized(order: FillOrder, seizure: Seizure): Promise<void> {
  seizure.reach("open #1");
  const { engine, close } = await open(order);
  try {
    const watched = seizure.watch(engine);
    await runSteps(
      faultyEngine(watched, (point) => seizure.reach(point)),
      order.scenario.steps,
    );
  } finally {
    await close();
  }
}

/** As the sweeps of any process would, once there is room. */
async function goOn(
  order: FillOrder,
  letGo: () => void,
  note: (error: unknown) => void,
): Promise<Pick<FillOutcome, "errors" | "edges" | "findings">> {
  const { scenario, root } = order;
  const { engine, close } = await open(order);
  try {
    await runSteps(engine, scenario.steps).catch(note).finally(letGo);
    await engine.reaper.settled();
    const store = { root, node: NODE };
    const findings = await auditStore({ ...store, isCollected: false }, scenario.expected);
    await runSteps(engine, [{ do: "gc" }]);
    findings.push(...(await auditStore({ ...store, isCollected: true }, scenario.expected)));
    return { ...(await historyOf(engine)), findings };
  } finally {
    await close();
  }
}

async function historyOf(engine: Engine): Promise<Pick<FillOutcome, "errors" | "edges">> {
  const rows = (await Promise.all(["a", "b"].map((name) => engine.images.history(name, "all")))).flat();
  return {
    errors: rows.flatMap(({ error }) => (error === null ? [] : [error.code])),
    edges: rows.map(({ move, fromState, toState }) => `${move} ${fromState} ${toState}`),
  };
}
