import { isActMove, TARGETS } from "../../../core/lifecycle/image.ts";
import { nextMoveOf } from "../../../core/lifecycle/next-move.ts";
import type { Placement } from "../../../core/ports/image-rows.ts";
import { type Actor, LEASE_MS } from "./actor.ts";
import { actUnder } from "./acts.ts";
import { IMAGES, type ImagePlan } from "./images.ts";

/** What an actor does, in so many rounds. */
export type Program = (actor: Actor, rounds: number) => Promise<void>;

/** Moves what is due; each round one row, where there is one in so many looks. */
async function worker(actor: Actor, rounds: number): Promise<void> {
  let looks = 4 * rounds;
  for (let round = 0; round < rounds && looks > 0; looks -= 1) {
    const { rows } = await actor.insist(() => actor.images.due(10));
    round += Math.min(1, rows.length);
    const row = rows[actor.choose(Math.max(1, rows.length))];
    const placement = row === undefined ? null : await actor.insist(() => actor.images.load(row.name));
    if (placement !== null) await advance(actor, placement);
  }
}

/** Makes the one move that is next for the row, as it was read. */
export async function advance(actor: Actor, seen: Placement): Promise<void> {
  const move = nextMoveOf(seen);
  // Somebody whose clock is ahead thinks that every lease has run out.
  const isAhead = actor.choose(6) === 5;
  if (move === null || (!isAhead && (seen.dueAtMs ?? 0) > seen.nowMs)) return;
  const opId = actor.newOp();
  if (!isActMove(move)) {
    await actor.insist(() => actor.images.swap(seen, { move, towards: seen.target, opId, worker: actor.name }));
    return;
  }
  const attempt = { move, opId, worker: actor.name, leaseMs: LEASE_MS };
  const claimed = await actor.insist(() => actor.images.claim(seen, attempt));
  if (claimed.kind === "claimed") await actUnder(actor, claimed.claim, claimed.placement);
}

/** Asks for images, changes what is wanted of them, cancels, retries. */
async function person(actor: Actor, rounds: number): Promise<void> {
  for (let round = 0; round < rounds; round += 1) {
    const plan = IMAGES[actor.choose(IMAGES.length)];
    if (plan !== undefined) await wish(actor, plan);
  }
}

async function wish(actor: Actor, plan: ImagePlan): Promise<void> {
  const placement = await actor.insist(() => actor.images.load(plan.name));
  const what = actor.choose(7);
  if (placement === null || what === 6) return register(actor, plan);
  if (what === 4) return actor.insist(() => actor.images.wake(placement.id));
  if (what === 5) return overrule(actor, placement);
  const target = TARGETS[what % TARGETS.length] ?? "STORED";
  const [opId, isFresh, isForced] = [actor.newOp(), actor.choose(2) === 1, actor.choose(2) === 1];
  const change = { target, opId, isFresh, isForced };
  const changed = await actor.insist(() => actor.images.changeTarget(placement, change));
  if (placement.state === "FAILED") await swap(actor, placement, "retry");
  // As a DELETE: at once, whoever is at it.
  if (changed.placement !== null && actor.choose(2) === 0) await overrule(actor, changed.placement);
}

/** Adds the image with ACTIVE for its target. */
export async function register(actor: Actor, { name, checksum, found }: ImagePlan): Promise<void> {
  const registration = {
    name,
    source: `/${found}.tar`,
    checksum,
    target: "ACTIVE" as const,
    mountOptions: [],
    opId: actor.newOp(),
    worker: actor.name,
  };
  await actor.insist(() => actor.images.register(registration));
}

/** A move past a live claim, as a route makes it at once, with what was read. */
async function overrule(actor: Actor, seen: Placement): Promise<void> {
  const move = nextMoveOf(seen);
  if (move === "begin-remove" || move === "begin-deactivate") await swap(actor, seen, move);
}

/** Collects garbage: marks, then forgets what was marked; and ends what another has begun. */
async function collector(actor: Actor, rounds: number): Promise<void> {
  for (let round = 0; round < rounds; round += 1) {
    const { work } = actor;
    const what = actor.choose(5);
    if (what === 4) await collectStray(actor);
    else {
      const garbage =
        what === 3
          ? await work.markKeptBlobs(1)
          : what === 2
            ? await work.findGarbage("leaving")
            : await work.markGarbage(what === 1 ? "all-blobs" : "unreferenced");
      // What it leaves, another has to end.
      const isLeft = garbage.blobs.length + garbage.layers.length === 0 || actor.choose(3) === 2;
      if (!isLeft) await work.sweepGarbage(garbage);
      // As one whose reply was lost: by then others may have it in hand.
      if (!isLeft && actor.choose(2) === 1) await work.sweepGarbage(garbage);
    }
  }
}

/** Of a file that no row speaks of. */
async function collectStray(actor: Actor): Promise<void> {
  const { work } = actor;
  const digest = IMAGES[actor.choose(IMAGES.length)]?.layers[0];
  if (digest === undefined) return;
  if (actor.choose(2) === 0) {
    if (await work.markStrayBlob(digest)) await work.sweepGarbage({ blobs: [{ digest, sizeBytes: 1 }], layers: [] });
  } else if (await work.markStrayLayer(digest, "native")) {
    const row = { digest, form: "native", diffId: digest, stagedName: null, sizeBytes: null } as const;
    await work.sweepGarbage({ blobs: [], layers: [row] });
  }
}

/** Finds mounts that are gone and pieces that are damaged, and sends their images back. */
async function observer(actor: Actor, rounds: number): Promise<void> {
  for (let round = 0; round < rounds; round += 1) {
    const plan = IMAGES[actor.choose(IMAGES.length)];
    const placement = await actor.images.load(plan?.name ?? "");
    const digest = placement?.layers[0]?.digest;
    if (placement === null || digest === undefined) continue;
    if (actor.choose(4) === 3) await actor.work.damageBlob(digest);
    if (placement.state === "ACTIVE") await swap(actor, placement, "remount");
    if (placement.state !== "STORED") continue;
    await actor.work.damageLayer(digest, "native", REASON);
    await swap(actor, placement, "refetch");
  }
}

const REASON = { code: "LAYER_LOST", message: "it is not right", hint: null } as const;

async function swap(
  actor: Actor,
  seen: Placement,
  move: "retry" | "remount" | "refetch" | "begin-remove" | "begin-deactivate",
): Promise<void> {
  const opId = actor.newOp();
  const isNext = nextMoveOf(seen) === move;
  const towards = isNext ? { towards: seen.target } : {};
  await actor.insist(() => actor.images.swap(seen, { move, opId, worker: actor.name, ...towards }));
}

export type ProgramName = "worker" | "person" | "collector" | "observer";

export const PROGRAMS: Readonly<Record<ProgramName, Program>> = { worker, person, collector, observer };
