import type { Engine } from "../../../functions/engine.ts";
import { runSteps } from "../crash/run-steps.ts";

/**
 * Asks again for the repair of images whose layer is known to be damaged and that are at rest: whoever found it out was
 * stopped before he could send them back.
 */
export async function finishRepairs(engine: Engine): Promise<void> {
  const { layers } = await engine.work.inventory();
  const damaged = new Set(layers.filter(({ state }) => state === "damaged").map(({ digest }) => digest));
  const { placements } = await engine.images.list({ limit: 100_000 });
  for (const placement of placements) {
    if (placement.state !== "STORED" || !placement.layers.some(({ digest }) => damaged.has(digest))) continue;
    await runSteps(engine, [{ do: "damage", name: placement.name }, { do: "work" }]);
  }
}
