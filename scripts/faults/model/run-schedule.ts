import { IMAGES } from "./images.ts";
import { advance, PROGRAMS, register } from "./programs.ts";
import { type Raced, Referee, type Witness } from "./referee.ts";
import type { Schedule } from "./schedule.ts";
import type { SteppedDatabase } from "./stepped-database.ts";

/** Plays a schedule on an empty database, and holds every step of it to the promises. */
export async function runSchedule(
  database: SteppedDatabase,
  { headStarts, actors, turns }: Schedule,
  witness: Witness,
): Promise<Raced> {
  const referee = new Referee(database, witness);
  return referee.watch(async () => {
    await prepare(referee, headStarts);
    await referee.race(
      actors,
      turns,
      ({ program, rounds }) =>
        (actor) =>
          PROGRAMS[program](actor, rounds),
    );
    await comeToRest(referee);
    await removeAll(referee);
  });
}

/** Each image as far as its head start leads. */
async function prepare(referee: Referee, headStarts: readonly number[]): Promise<void> {
  for (const [at, plan] of IMAGES.entries()) {
    const moves = headStarts[at] ?? 0;
    if (moves === 0) continue;
    await referee.alone(`start-${plan.name}`, async (actor) => {
      await register(actor, plan);
      for (let move = 1; move < moves; move += 1) {
        const placement = await actor.images.load(plan.name);
        if (placement !== null) await advance(actor, placement);
      }
    });
  }
}

/** Without faults, every row comes to rest: at its target, or FAILED. */
async function comeToRest(referee: Referee): Promise<void> {
  await referee.alone("survivor", async (actor) => {
    for (;;) {
      const { rows, nextDueAtMs, nowMs } = await actor.images.due(10);
      if (rows.length === 0 && nextDueAtMs === null) return;
      if (rows.length === 0) await referee.pass((nextDueAtMs ?? nowMs) - nowMs);
      for (const row of rows) {
        const placement = await actor.images.load(row.name);
        if (placement !== null) await advance(actor, placement);
      }
      // As every sweep does: what a collection that died has begun would keep others waiting for ever.
      const left = await actor.work.findGarbage("leaving");
      if (left.blobs.length + left.layers.length > 0) await actor.work.sweepGarbage(left);
    }
  });
  const { placements } = await referee.look();
  const strays = placements.filter(({ state, target }) => state !== "FAILED" && state !== target);
  referee.report(strays.map(({ name, state, target }) => `${name} rests in ${state} instead of ${target}`));
}

/** Nothing is left when every image is removed and garbage is collected. */
async function removeAll(referee: Referee): Promise<void> {
  await referee.alone("remover", async (actor) => {
    for (const { name } of IMAGES) {
      const placement = await actor.images.load(name);
      const wish = { target: "REMOVED" as const, opId: actor.newOp() };
      if (placement !== null) await actor.images.changeTarget(placement, wish);
    }
  });
  await comeToRest(referee);
  await referee.alone("last-collector", async ({ work }) => {
    await work.sweepGarbage(await work.markGarbage("unreferenced"));
  });
  const { placements, works } = await referee.look();
  const left = [...placements.map(({ name }) => name), ...works.map(({ key }) => key)];
  referee.report(left.map((what) => `${what} is still there`));
}
