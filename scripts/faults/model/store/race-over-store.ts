import { readdirSync } from "node:fs";
import { join } from "node:path";
import { nextMoveOf } from "../../../../core/lifecycle/next-move.ts";
import { changeTarget } from "../../../../functions/change-target.ts";
import { collectGarbage } from "../../../../functions/cron/collect-garbage.ts";
import { sweep } from "../../../../functions/cron/sweep.ts";
import type { Engine } from "../../../../functions/engine.ts";
import { perform } from "../../../../functions/perform.ts";
import { checkRegistration, type RegistrationRequest, register } from "../../../../functions/registration.ts";
import { auditFiles } from "../../audit/audit-files.ts";
import { auditMounts } from "../../audit/audit-mounts.ts";
import { NODE } from "../actor.ts";
import { type Raced, Referee, type Witness } from "../referee.ts";
import type { Schedule } from "../schedule.ts";
import type { RacedStore } from "./raced-store.ts";
import { STORE_PROGRAMS } from "./store-programs.ts";

/**
 * Plays a schedule with the product's own functions over a store that is empty, and empty again when it ends: sweeps,
 * people and collections, who take turns from one round trip to the next, whatever they do to the disk in between.
 */
export async function raceOverStore(
  store: RacedStore,
  images: readonly RegistrationRequest[],
  { headStarts, actors, turns }: Schedule,
  witness: Witness,
): Promise<Raced> {
  const race = new StoreRace(store, images, new Referee(store.database, witness));
  return race.run({ headStarts, actors, turns });
}

class StoreRace {
  readonly #store: RacedStore;
  readonly #images: readonly RegistrationRequest[];
  readonly #referee: Referee;

  constructor(store: RacedStore, images: readonly RegistrationRequest[], referee: Referee) {
    this.#store = store;
    this.#images = images;
    this.#referee = referee;
  }

  run({ headStarts, actors, turns }: Schedule): Promise<Raced> {
    return this.#referee.watch(async () => {
      for (const [at, image] of this.#images.entries()) await this.#start(image, headStarts[at] ?? 0);
      await this.#referee.race(actors, turns, ({ program, rounds }) => (actor) => {
        const play = { actor, engine: this.#store.engineOf(actor), images: this.#images };
        return STORE_PROGRAMS[program](play, rounds);
      });
      await this.#comeToRest();
      await this.#audit(false);
      await this.#removeAll();
    });
  }

  async #start(image: RegistrationRequest, moves: number): Promise<void> {
    if (moves === 0) return;
    await this.#alone(`start-${image.name}`, async (engine) => {
      let { placement } = await register(engine, checkRegistration(image));
      for (let made = 1; made < moves; made += 1) {
        const move = nextMoveOf(placement);
        if (move !== null) await perform(engine, placement, move, { budgetMs: null, isAskedFor: false });
        placement = (await engine.images.load(image.name)) ?? placement;
      }
    });
  }

  async #comeToRest(): Promise<void> {
    await this.#alone("survivor", async (engine) => {
      for (;;) {
        const { nextDueAtMs, nowMs } = await sweep(engine, { limit: 10, concurrency: 1, budgetMs: null });
        if (nextDueAtMs === null) return;
        await this.#referee.pass(Math.max(0, nextDueAtMs - nowMs));
      }
    });
    const { placements } = await this.#referee.look();
    const strays = placements.filter(({ state, target }) => state !== target);
    this.#referee.report(strays.map(({ name, state, target }) => `${name} rests in ${state} instead of ${target}`));
  }

  /** Whether rows, files and mounts say the same. */
  async #audit(isCollected: boolean): Promise<void> {
    const findings: string[] = [];
    await this.#store.reaped();
    await this.#alone("auditor", async ({ images, work }) => {
      const { placements } = await images.list({ limit: 100 });
      const store = { root: this.#store.root, node: NODE, isCollected };
      findings.push(...auditFiles(store, placements, await work.inventory()));
      findings.push(...(await auditMounts(this.#store.root, placements)));
    });
    this.#referee.report(findings);
  }

  async #removeAll(): Promise<void> {
    await this.#alone("remover", async (engine) => {
      for (const { name } of this.#images) {
        const placement = await engine.images.load(name);
        if (placement !== null) await changeTarget(engine, placement, { target: "REMOVED" });
      }
    });
    await this.#comeToRest();
    await this.#alone("last-collector", async (engine) => {
      await collectGarbage(engine, { isDryRun: false, isWithBlobs: false });
    });
    await this.#store.reaped();
    const { works } = await this.#referee.look();
    const files = ["blobs", "images", "overlays", "active", "tmp"].flatMap((folder) =>
      readdirSync(join(this.#store.root, folder)).map((name) => `${folder}/${name}`),
    );
    this.#referee.report([...works.map(({ key }) => key), ...files].map((left) => `${left} is still there`));
  }

  #alone(name: string, part: (engine: Engine) => Promise<void>): Promise<void> {
    return this.#referee.alone(name, (actor) => part(this.#store.engineOf(actor)));
  }
}
