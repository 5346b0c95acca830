import { parseUnfinished } from "../../core/unfinished.ts";
import type { Disk, Engine } from "../engine.ts";

/** Trees at once: two take two thirds of the time of one after the other, on two processors and one disk. */
const LANES = 2;

/**
 * Deletes what has left its place for good and lies under `tmp/`, and replaced trees that no mount shows any more; leaves
 * it to another process that is at it.
 */
export async function deleteTombstones(work: Engine["work"], { layers, locks }: Reaped): Promise<void> {
  if (!(await layers.listUnfinished()).some(mayGo)) return;
  await locks.alone("reap", async () => {
    const queue = (await goneFor(work, await layers.listUnfinished())).values();
    const lane = async (): Promise<void> => {
      for (const name of queue) await layers.discard(name);
    };
    await Promise.all(Array.from({ length: LANES }, lane));
  });
}

type Reaped = Pick<Disk, "layers" | "locks">;

function mayGo(name: string): boolean {
  const { kind } = parseUnfinished(name);
  return kind === "tombstone" || kind === "replaced";
}

async function goneFor(work: Engine["work"], names: readonly string[]): Promise<string[]> {
  const gone: string[] = [];
  for (const name of names.filter(mayGo)) {
    const found = parseUnfinished(name);
    if (found.kind === "replaced" && (await work.isReplacedTreeUsed(found.diffId))) continue;
    gone.push(name);
  }
  return gone;
}
