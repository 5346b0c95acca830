import { ImgstoreError } from "../../../../core/errors.ts";
import { TARGETS, type Target } from "../../../../core/lifecycle/image.ts";
import { changeTarget } from "../../../../functions/change-target.ts";
import { collectGarbage } from "../../../../functions/cron/collect-garbage.ts";
import { performDue } from "../../../../functions/cron/due-rows.ts";
import { sweep } from "../../../../functions/cron/sweep.ts";
import type { Engine } from "../../../../functions/engine.ts";
import { checkRegistration, type RegistrationRequest, register } from "../../../../functions/registration.ts";
import type { Actor } from "../actor.ts";
import type { ProgramName } from "../programs.ts";

/** What an actor does with the functions of the product, in so many rounds. */
type StoreProgram = (play: Play, rounds: number) => Promise<void>;

export interface Play {
  readonly actor: Actor;
  readonly engine: Engine;
  readonly images: readonly RegistrationRequest[];
}

/** Everything that is due, one after the other; by choice one row alone, as a worker does. */
async function worker({ actor, engine }: Play, rounds: number): Promise<void> {
  for (let round = 0; round < rounds; round += 1) {
    if (actor.choose(2) === 0) await sweep(engine, { limit: 3, concurrency: 1, budgetMs: null });
    else {
      const { rows } = await engine.images.due(10);
      const row = rows[actor.choose(Math.max(1, rows.length))];
      if (row !== undefined) await performDue(engine, row, null);
    }
  }
}

async function person(play: Play, rounds: number): Promise<void> {
  for (let round = 0; round < rounds; round += 1) {
    const { actor, engine, images } = play;
    const image = images[actor.choose(images.length)];
    const target: Target = TARGETS[actor.choose(TARGETS.length)] ?? "STORED";
    if (image === undefined) continue;
    const placement = await engine.images.load(image.name);
    await unlessRefused(async () => {
      if (placement === null) await register(engine, checkRegistration(image));
      else await changeTarget(engine, placement, { target, isForced: true });
    });
  }
}

async function collector({ actor, engine }: Play, rounds: number): Promise<void> {
  for (let round = 0; round < rounds; round += 1) {
    await unlessRefused(() => collectGarbage(engine, { isDryRun: false, isWithBlobs: actor.choose(2) === 1 }));
  }
}

const REFUSALS: ReadonlySet<string> = new Set(["LEASED", "ILLEGAL_MOVE", "LOST_RACE", "NO_SUCH_IMAGE"]);

/** What a person would be told is no failure. */
async function unlessRefused(ask: () => Promise<unknown>): Promise<void> {
  try {
    await ask();
  } catch (error) {
    if (!(error instanceof ImgstoreError) || !REFUSALS.has(error.code)) throw error;
  }
}

export const STORE_PROGRAMS: Readonly<Record<ProgramName, StoreProgram>> = {
  worker,
  person,
  collector,
  observer: worker,
};
