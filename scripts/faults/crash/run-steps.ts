import type { Target } from "../../../core/lifecycle/image.ts";
import { changeTarget } from "../../../functions/change-target.ts";
import { collectGarbage } from "../../../functions/cron/collect-garbage.ts";
import { sweep } from "../../../functions/cron/sweep.ts";
import type { Engine } from "../../../functions/engine.ts";
import { checkRegistration, type RegistrationRequest, register } from "../../../functions/registration.ts";
import { treeDiffers } from "../../../functions/verify/reasons.ts";

/** What a person, a cron job or the machinery does next. */
export type Step =
  | { readonly do: "register"; readonly image: RegistrationRequest }
  | { readonly do: "target"; readonly name: string; readonly target: Target; readonly how?: TargetHow }
  | { readonly do: "retry" | "damage"; readonly name: string }
  /** Sweeps until every row rests. */
  | { readonly do: "work" }
  /** Sweeps until a row has reached a state. */
  | { readonly do: "reach"; readonly name: string; readonly state: string }
  | { readonly do: "gc" };

interface TargetHow {
  readonly isFresh?: boolean;
  readonly isForced?: boolean;
}

/** Makes each step, in order, by the functions that every way in calls. */
export async function runSteps(engine: Engine, steps: readonly Step[]): Promise<void> {
  for (const step of steps) await runStep(engine, step);
}

async function runStep(engine: Engine, step: Step): Promise<void> {
  switch (step.do) {
    case "register":
      await register(engine, checkRegistration(step.image));
      return;
    case "target":
      await setTarget(engine, step);
      return;
    case "retry":
      await retry(engine, step.name);
      return;
    case "damage":
      await damage(engine, step.name);
      return;
    case "gc":
      await collectGarbage(engine, { isDryRun: false, isWithBlobs: false });
      return;
    case "work":
    case "reach":
      await sweepUntil(engine, step);
  }
}

/** Of an image that is gone by now: nothing. */
async function setTarget(engine: Engine, { name, target, how }: Extract<Step, { do: "target" }>): Promise<void> {
  const placement = await engine.images.load(name);
  if (placement !== null && placement.target !== target) await changeTarget(engine, placement, { target, ...how });
}

async function retry(engine: Engine, name: string): Promise<void> {
  const placement = await engine.images.load(name);
  if (placement?.state !== "FAILED") return;
  await engine.images.swap(placement, { move: "retry", opId: engine.clock.newId(), worker: engine.worker });
}

/** As if its trees had been found to be wrong. */
async function damage(engine: Engine, name: string): Promise<void> {
  const placement = await engine.images.load(name);
  if (placement?.state !== "STORED" && placement?.state !== "ACTIVE") return;
  for (const { digest, diffId } of placement.layers) {
    if (diffId !== null) await engine.work.damageLayer(digest, "native", treeDiffers(diffId, 1, ["on trial"]));
  }
}

/** A row that does not come to rest for so long is stuck, in milliseconds. */
const LONGEST_MS = 20_000;

async function sweepUntil(engine: Engine, step: Extract<Step, { do: "work" | "reach" }>): Promise<void> {
  for (const endMs = performance.now() + LONGEST_MS; performance.now() < endMs; ) {
    if (step.do === "reach" && (await engine.images.load(step.name))?.state === step.state) return;
    const { nextDueAtMs, nowMs } = await sweep(engine, {
      limit: step.do === "reach" ? 1 : 100,
      concurrency: 1,
      budgetMs: null,
    });
    if (nextDueAtMs === null) break;
    await engine.clock.sleep(Math.max(0, nextDueAtMs - nowMs));
  }
}
