// A process that makes some steps on a store with fault points before every call of its ports, and kills itself at one of
// them. Its one argument is an Order as JSON.
import { appendFileSync } from "node:fs";
import { parseSettings } from "../../../core/settings.ts";
import { compose } from "../../../functions/runtimes/compose.ts";
import { faultyEngine } from "./faulty-engine.ts";
import { runSteps, type Step } from "./run-steps.ts";

export interface Order {
  readonly environment: Readonly<Record<string, string>>;
  readonly steps: readonly Step[];
  /** Where to die; absent: nowhere. */
  readonly killAt?: string;
  /** A file that gets the name of each point, a line each, as it is reached. */
  readonly recordTo?: string;
}

const order: Order = JSON.parse(process.argv[2] ?? "");
function reach(point: string): void {
  if (order.recordTo !== undefined) appendFileSync(order.recordTo, `${point}\n`);
  if (point === order.killAt) process.kill(process.pid, "SIGKILL");
}

const settings = parseSettings(order.environment, { hostName: "here", absolute: (path) => path });
const composed = await compose(settings, { outlivesRequests: true });
await runSteps(faultyEngine(composed.engine, reach), order.steps);
await composed.close();
