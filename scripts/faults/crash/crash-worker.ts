// A process that makes some steps on a store with fault points before every call of its ports, and kills itself at one of
// them. Its one argument is an Order as JSON.
import { appendFileSync } from "node:fs";
import { parseSettings } from "../../../core/settings.ts";
import type { Engine } from "../../../functions/engine.ts";
import { compose } from "../../../functions/runtimes/compose.ts";
import { withFaultPoints } from "./fault-points.ts";
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
const counts = new Map<string, number>();
let move = "no move";

function reach(point: string): void {
  const label = `${move}: ${point}`;
  const count = (counts.get(label) ?? 0) + 1;
  counts.set(label, count);
  const name = `${label} #${count}`;
  if (order.recordTo !== undefined) appendFileSync(order.recordTo, `${name}\n`);
  if (name === order.killAt) process.kill(process.pid, "SIGKILL");
}

function faulty({ images, work, ...engine }: Engine): Engine {
  const claim: typeof images.claim = (seen, attempt) => {
    move = attempt.move;
    return images.claim(seen, attempt);
  };
  const swap: typeof images.swap = (seen, swapped) => {
    move = swapped.move;
    return images.swap(seen, swapped);
  };
  return {
    ...engine,
    images: withFaultPoints({ ...images, claim, swap }, "images", reach),
    work: withFaultPoints(work, "work", reach),
    disk: async () => {
      const disk = await engine.disk();
      return {
        ...disk,
        sources: withFaultPoints(disk.sources, "sources", reach),
        imageArchives: withFaultPoints(disk.imageArchives, "imageArchives", reach),
        blobs: withFaultPoints(disk.blobs, "blobs", reach),
        layers: withFaultPoints(disk.layers, "layers", reach),
        mounts: withFaultPoints(disk.mounts, "mounts", reach),
      };
    },
  };
}

const settings = parseSettings(order.environment, { hostName: "here", absolute: (path) => path });
const composed = await compose(settings, { outlivesRequests: true });
await runSteps(faulty(composed.engine), order.steps);
await composed.close();
