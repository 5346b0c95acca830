// A process of the next boot: looks at a store as a power cut left it, lets the machinery go on until all is at rest, and
// looks again. Its one argument is a CutOrder as JSON; it prints what is wrong as a JSON array of sentences.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { openFileDatabase } from "../../../adapters/libsql/file.ts";
import { parseSettings } from "../../../core/settings.ts";
import type { Engine } from "../../../functions/engine.ts";
import { compose } from "../../../functions/runtimes/compose.ts";
import { auditStore } from "../audit/audit-store.ts";
import { runSteps } from "../crash/run-steps.ts";
import { auditCut, type CutStore } from "./audit-cut.ts";

export interface CutOrder extends CutStore {
  readonly environment: Readonly<Record<string, string>>;
  /** The images that cannot be fetched. */
  readonly hopeless: readonly string[];
}

const order: CutOrder = JSON.parse(process.argv[2] ?? "");
console.log(JSON.stringify(await findings()));

async function findings(): Promise<string[]> {
  try {
    const asFound = await auditCut(order);
    await forgetBoot();
    return [...asFound, ...(await goOn())];
  } catch (error) {
    return [`nobody could go on: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`];
  }
}

/** This is another boot than the one whose mounts the rows know. */
async function forgetBoot(): Promise<void> {
  const path = join(order.root, "imgstore.db");
  if (!existsSync(path)) return;
  const database = await openFileDatabase(path);
  await database.batch([
    { sql: "UPDATE placements SET boot_id = 'the boot before' WHERE boot_id IS NOT NULL RETURNING id", args: {} },
  ]);
  await database.close();
}

async function goOn(): Promise<string[]> {
  const settings = parseSettings(order.environment, { hostName: order.node, absolute: (path) => path });
  const { engine, close } = await compose(settings, { outlivesRequests: true });
  try {
    await runSteps(engine, [{ do: "work" }]);
    await engine.reaper.settled();
    const rested = await auditStore({ ...order, isCollected: false }, []);
    await runSteps(engine, [{ do: "gc" }]);
    return [
      ...rested.filter((finding) => !isForCollection(finding)),
      ...(await auditStore({ ...order, isCollected: true }, [])),
      ...(await auditSuccess(engine)),
      // going on must not lose what was promised, either
      ...(await auditCut(order)),
    ];
  } finally {
    await close();
  }
}

/** An image that was to be had before the power cut is to be had after it. */
async function auditSuccess({ images }: Engine): Promise<string[]> {
  const { placements } = await images.list({ limit: 100_000 });
  const failed = placements.filter(({ name, state }) => state === "FAILED" && !order.hopeless.includes(name));
  return failed.map(({ name, error }) => `"${name}" is FAILED: ${error?.message}`);
}

/** What was unfinished, or is there again because nobody waits for it to be gone for good: the next collection's. */
function isForCollection(finding: string): boolean {
  return /^tmp\/.* is a stray$/.test(finding);
}
