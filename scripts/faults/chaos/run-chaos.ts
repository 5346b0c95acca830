import { mkdirSync, mkdtempSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { parseSettings } from "../../../core/settings.ts";
import type { Engine } from "../../../functions/engine.ts";
import { compose } from "../../../functions/runtimes/compose.ts";
import { auditStore } from "../audit/audit-store.ts";
import { removeRun } from "../crash/crash-matrix.ts";
import { runSteps } from "../crash/run-steps.ts";
import { randomFrom } from "../shuffled.ts";
import { serveImages } from "./image-server.ts";
import { Workers } from "./workers.ts";

export interface ChaosOptions {
  /** An existing directory on a file system that an overlay's upper may lie on; what is made in it is removed. */
  readonly directory: string;
  readonly workers: number;
  readonly images: number;
  /** How long images are registered and workers are killed and stopped. */
  readonly seconds: number;
  readonly leaseMs: number;
  readonly seed: number;
}

export interface ChaosReport {
  readonly kills: number;
  readonly stops: number;
  /** From the death of a worker to the next claim of a row that it held, in milliseconds, ascending. */
  readonly takeOversMs: readonly number[];
  /** What is wrong; empty: nothing. */
  readonly findings: readonly string[];
}

/** Contents that the images have: some share theirs, so that workers also wait for each other's blobs and layers. */
const CONTENTS = 500;

/** Another worker is killed or stopped after so long at most, in milliseconds. */
const LONGEST_CALM_MS = 1000;

/** How long all may take to come to rest once nobody is killed any more, in milliseconds. */
const LONGEST_REST_MS = 120_000;

/** Registers images one after another while workers are killed and stopped at random, then sees where all have come. */
export async function runChaos(options: ChaosOptions): Promise<ChaosReport> {
  const home = mkdtempSync(join(options.directory, "chaos-"));
  const root = join(home, "store");
  mkdirSync(root);
  const served = await serveImages(home, Math.min(CONTENTS, options.images), randomFrom(options.seed));
  const environment = { IMGSTORE_ROOT: root, IMGSTORE_NODE: "here", IMGSTORE_LEASE_MS: String(options.leaseMs) };
  const settings = parseSettings(environment, { hostName: "here", absolute: (path) => path });
  const { engine, close } = await compose(settings, { outlivesRequests: true });
  const workers = new Workers(options.workers, environment);
  try {
    const isOver = new AbortController();
    const disturbed = disturb(workers, options, isOver.signal);
    await registerAll(engine, options, served.images);
    isOver.abort();
    await disturbed;
    await rest(engine, options.images);
    const exitCodes = await workers.end();
    await runSteps(engine, [{ do: "gc" }]);
    const names = namesOf(options.images);
    const expected = names.map((name) => ({ name, state: "ACTIVE" as const }));
    return {
      kills: workers.killedAtMs.size,
      stops: workers.stops,
      takeOversMs: await takeOvers(engine, names, workers.killedAtMs),
      findings: [
        ...exitCodes.flatMap((code) => (code === 0 || code === "SIGTERM" ? [] : [`a worker ended with ${code}`])),
        ...(await auditStore({ root, node: "here", isCollected: true }, expected)),
        ...(await repeatedMoves(engine, names)),
      ],
    };
  } finally {
    await workers.end();
    await close();
    await served.close();
    await removeRun(home);
  }
}

function namesOf(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `image-${index}`);
}

async function registerAll(
  engine: Engine,
  { images, seconds }: ChaosOptions,
  served: readonly { readonly url: string; readonly digest: string }[],
): Promise<void> {
  const startedMs = performance.now();
  for (const [index, name] of namesOf(images).entries()) {
    const image = served[index % served.length];
    if (image === undefined) throw new Error("there is no image to fetch");
    await runSteps(engine, [{ do: "register", image: { name, source: image.url, checksum: image.digest } }]);
    await setTimeout(Math.max(0, startedMs + ((index + 1) * seconds * 1000) / images - performance.now()));
  }
}

async function disturb(workers: Workers, options: ChaosOptions, signal: AbortSignal): Promise<void> {
  const random = randomFrom(options.seed);
  while (!signal.aborted) {
    await setTimeout(random() * LONGEST_CALM_MS);
    const index = Math.floor(random() * options.workers);
    // Twice the lease, so that a stopped one wakes up both before and after others have gone on.
    if (random() < 0.5) await workers.kill(index);
    else workers.stop(index, random() * 2 * options.leaseMs);
  }
}

async function rest(engine: Engine, count: number): Promise<void> {
  for (const endMs = performance.now() + LONGEST_REST_MS; performance.now() < endMs; await setTimeout(200)) {
    const { placements } = await engine.images.list({ limit: count, state: "ACTIVE" });
    if (placements.length === count) return;
  }
}

async function takeOvers(
  engine: Engine,
  names: readonly string[],
  killedAtMs: ReadonlyMap<number, number>,
): Promise<number[]> {
  const tookMs: number[] = [];
  for (const name of names) {
    for (const { error, worker, startedAtMs, durationMs } of await engine.images.history(name, "latest")) {
      const killedMs = killedAtMs.get(Number(worker.split(":")[1]));
      if (error?.code === "LEASE_EXPIRED" && killedMs !== undefined) tookMs.push(startedAtMs + durationMs - killedMs);
    }
  }
  return tookMs.toSorted((a, b) => a - b);
}

/** Each move of an image that is fetched once is made once, however often it was tried. */
async function repeatedMoves(engine: Engine, names: readonly string[]): Promise<string[]> {
  const findings: string[] = [];
  for (const name of names) {
    const rows = await engine.images.history(name, "latest");
    const made = rows.filter(({ fromState, toState }) => fromState !== toState).map(({ move }) => move);
    if (new Set(made).size !== made.length) findings.push(`a move of "${name}" was made twice: ${made.join(", ")}`);
  }
  return findings;
}
