import type { Engine } from "../../../functions/engine.ts";
import { type Reach, withFaultPoints } from "./fault-points.ts";

/**
 * An engine with a fault point before every call of its ports.
 * @param reach gets each point's name: the move that was begun last, the call, and how often that came in this move by now
 */
export function faultyEngine({ images, work, ...engine }: Engine, reach: Reach): Engine {
  const counts = new Map<string, number>();
  let move = "no move";
  const reachCall = (call: string): void => {
    const label = `${move}: ${call}`;
    const count = (counts.get(label) ?? 0) + 1;
    counts.set(label, count);
    reach(`${label} #${count}`);
  };
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
    images: withFaultPoints({ ...images, claim, swap }, "images", reachCall),
    work: withFaultPoints(work, "work", reachCall),
    disk: async () => {
      const disk = await engine.disk();
      return {
        ...disk,
        sources: withFaultPoints(disk.sources, "sources", reachCall),
        imageArchives: withFaultPoints(disk.imageArchives, "imageArchives", reachCall),
        blobs: withFaultPoints(disk.blobs, "blobs", reachCall),
        layers: withFaultPoints(disk.layers, "layers", reachCall),
        mounts: withFaultPoints(disk.mounts, "mounts", reachCall),
      };
    },
  };
}
