// What `npm run bench -- sweep` runs in a process of its own, with a store's root and a number of runs: a connection lets
// go of its disk when the process ends.
import type { Database } from "../../adapters/libsql/database.ts";
import { openFileDatabase } from "../../adapters/libsql/file.ts";
import { parseSettings } from "../../core/settings.ts";
import { openRuntime } from "../../functions/runtimes/node.ts";
import type { Runtime } from "../../functions/runtimes/runtime.ts";
import { median } from "./report.ts";
import { addDue, addSettled, casUpdates, putToRest } from "./sweep-rows.ts";

const NODE = "bench";
const SETTLED = [1000, 100_000, 1_000_000] as const;
const DUE = 50;
const EMPTY_SWEEPS_A_RUN = 40;

interface Cost {
  readonly settled: number;
  readonly emptyMs: number;
  readonly dueMs: number;
  readonly rawMs: number;
}

await main(process.argv[2] ?? "", Number(process.argv[3]));

async function main(root: string, runs: number): Promise<void> {
  const environment = { IMGSTORE_ROOT: root, IMGSTORE_NODE: NODE };
  const runtime = await openRuntime(parseSettings(environment, { hostName: NODE, absolute: (path) => path }));
  const database = await openFileDatabase(`${root}/imgstore.db`);
  const costs: Cost[] = [];
  for (const settled of SETTLED) {
    await addSettled(database, NODE, settled);
    costs.push(await measure(runtime, database, settled, runs));
    print(costs);
  }
  await database.close();
  await runtime.close();
}

async function measure(runtime: Runtime, database: Database, settled: number, runs: number): Promise<Cost> {
  const [empty, due, raw]: [number[], number[], number[]] = [[], [], []];
  for (let run = 0; run < runs; run += 1) {
    for (let at = 0; at < EMPTY_SWEEPS_A_RUN; at += 1) empty.push(await timed(() => sweep(runtime, 0)));
    const ids = await addDue(database, NODE, DUE);
    due.push(await timed(() => sweep(runtime, DUE)));
    raw.push(await timed(() => casUpdates(database, ids)));
    await putToRest(database, ids);
  }
  return { settled, emptyMs: median(empty), dueMs: median(due), rawMs: median(raw) };
}

async function sweep(runtime: Runtime, moves: number): Promise<void> {
  const response = await runtime.fetch(
    new Request("http://imgstore/v1/sweep", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ limit: DUE }),
    }),
  );
  const answer: unknown = await response.json();
  const moved = typeof answer === "object" && answer !== null && "moved" in answer ? answer.moved : null;
  if (!Array.isArray(moved) || moved.length !== moves)
    throw new Error(`a sweep did not make ${moves} transitions: ${JSON.stringify(answer)}`);
}

async function timed(act: () => Promise<void>): Promise<number> {
  const startedMs = performance.now();
  await act();
  return performance.now() - startedMs;
}

function print(costs: readonly Cost[]): void {
  const [first] = costs;
  const last = costs.at(-1);
  if (first === undefined || last === undefined) return;
  if (costs.length === 1) {
    console.log(
      `${"images at rest".padStart(14)}${["empty ms", "to first", `${DUE} due ms`, "to first", "raw ms", "raw / ours"].map(cell).join("")}`,
    );
  }
  const numbers = [
    last.emptyMs.toFixed(2),
    (last.emptyMs / first.emptyMs).toFixed(2),
    last.dueMs.toFixed(1),
    (last.dueMs / first.dueMs).toFixed(2),
    last.rawMs.toFixed(1),
    (last.rawMs / last.dueMs).toFixed(2),
  ];
  console.log(`${String(last.settled).padStart(14)}${numbers.map(cell).join("")}`);
}

function cell(text: string): string {
  return text.padStart(11);
}
