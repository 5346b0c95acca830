import type { Digest } from "../../../core/digests.ts";
import type { RecordedError } from "../../../core/errors.ts";
import type { ActMove } from "../../../core/lifecycle/image.ts";
import { fallbackOf } from "../../../core/lifecycle/next-move.ts";
import type { Claim, Placement, Release, SettleFacts } from "../../../core/ports/image-rows.ts";
import { blobKey, layerKey, type StagedTree } from "../../../core/ports/work-rows.ts";
import { type Actor, LEASE_MS } from "./actor.ts";
import { diffIdOf, type ImagePlan, planOf } from "./images.ts";

/** How an act of the model ends. */
type Ending =
  | { readonly kind: "done"; readonly facts: SettleFacts }
  | { readonly kind: "release"; readonly plan: Partial<Release> }
  | { readonly kind: "give-up" }
  /** Says nothing more, as a worker that hangs. */
  | { readonly kind: "silent" };

const FATES = ["done", "done", "done", "slow", "slow", "fails", "fails for good", "silent"] as const;

/** Room that there is for all, in bytes. */
const FREE_BYTES = 100;
const NEED_LEAST_BYTES = 20;
const LIKELY_BYTES = [30, 70, 100] as const;
const BACKOFF_MS = 15_000;
const SILENT: Ending = { kind: "silent" };

/** One claim's work, by the calls that the real act of the move makes, and its last word. */
export async function actUnder(actor: Actor, claim: Claim, placement: Placement): Promise<void> {
  const fate = FATES[actor.choose(FATES.length)] ?? "done";
  if (fate === "silent") return;
  const ending = await ACTS[claim.move]({ actor, claim, placement, plan: planOf(claim.name) });
  if (ending.kind === "silent") return;
  // Longer than it thinks: others go on meanwhile, and its last word comes late.
  await linger(actor, claim, fate === "slow" ? 8 : 0);
  if (ending.kind === "release") return release(actor, claim, ending.plan);
  if (fate === "fails") return release(actor, claim, { delayMs: BACKOFF_MS, isCounted: true, error: FAILURES[0] });
  if (fate === "fails for good" || ending.kind === "give-up") return giveUp(actor, claim);
  await settle(actor, claim, claim.move, ending.facts);
}

interface Context {
  readonly actor: Actor;
  readonly claim: Claim;
  readonly placement: Placement;
  readonly plan: ImagePlan;
}

const ACTS: Readonly<Record<ActMove, (context: Context) => Promise<Ending>>> = {
  "finish-download": download,
  "finish-unpack": unpack,
  store: publish,
  "finish-activate": async (context) => ((await isStillOurs(context)) ? done({ mount: mountOf(context) }) : SILENT),
  "finish-deactivate": async ({ actor }) => (actor.choose(4) === 3 ? { kind: "give-up" } : done({ mount: null })),
  "finish-remove": async ({ actor, claim }) => {
    await actor.insist(() => actor.work.unstageOwn(claim));
    return done({});
  },
};

async function download(context: Context): Promise<Ending> {
  const { actor, claim, placement, plan } = context;
  const isKnown = placement.checksum !== null || plan.layers[0] !== plan.found;
  for (const digest of isKnown ? plan.layers.toSorted() : []) {
    const refusal = await fetchBlob(context, digest);
    if (refusal !== null) return refusal;
  }
  if (!isKnown) {
    const refusal = await fetchBlob(context, plan.found);
    if (refusal !== null) return refusal;
  }
  if (plan.layers.length === 1 && actor.choose(2) === 1) {
    await actor.insist(() => actor.work.stageAhead(claim, plan.found, "native", stagedBy(claim, 0, plan.found)));
  }
  const blobs = [...new Set(plan.layers)].map((digest) => ({ digest, sizeBytes: 1 }));
  return done({ checksum: plan.found, blobs, layers: plan.layers.map((digest) => ({ digest })) });
}

/** Null when the blob is there. */
async function fetchBlob(context: Context, digest: Digest): Promise<Ending | null> {
  const { actor, claim } = context;
  const taken = await actor.insist(() => actor.work.takeBlob(claim, digest));
  if (taken.kind === "held") return waitFor(context, blobKey(digest), taken.untilMs);
  if (taken.kind === "stale") return later();
  if (taken.kind === "present") return null;
  const refusal = await reserve(context);
  if (refusal !== null) return refusal;
  return (await isStillOurs(context)) ? null : SILENT;
}

async function unpack(context: Context): Promise<Ending> {
  const { actor, claim, plan } = context;
  for (const [position, digest] of plan.layers.entries()) {
    let taken = await actor.insist(() => actor.work.takeLayer(claim, digest, "native"));
    if (taken.kind === "staged" && actor.choose(8) === 7) {
      await actor.insist(() => actor.work.unstageLost(claim, digest, "native"));
      taken = await actor.insist(() => actor.work.takeLayer(claim, digest, "native"));
    }
    if (taken.kind === "held") return waitFor(context, layerKey(digest, "native"), taken.untilMs);
    if (taken.kind === "stale") return later();
    if (taken.kind !== "taken") continue;
    const refusal = await reserve(context);
    if (refusal !== null) return refusal;
    if (!(await isStillOurs(context))) return SILENT;
    const staged = stagedBy(claim, position, digest);
    if (!(await actor.insist(() => actor.work.stageLayer(claim, digest, "native", staged)))) return later();
  }
  return done({});
}

async function publish(context: Context): Promise<Ending> {
  const { actor, plan } = context;
  for (const digest of new Set(plan.layers)) {
    const layer = await actor.insist(() => actor.work.readLayer(digest, "native"));
    if (layer?.state === "present") continue;
    if (layer?.state !== "staged" || layer.staged === null) return { kind: "give-up" };
    const { diffId } = layer.staged;
    if (await actor.insist(() => actor.work.isLeaving(diffId, "native"))) {
      return waitFor(context, layerKey(digest, "native"), context.placement.nowMs + 1000);
    }
    if (!(await isStillOurs(context))) return later();
  }
  return done({ published: [...new Set(plan.layers)], form: "native", sizeBytes: 1 });
}

async function reserve({ actor, claim }: Context): Promise<Ending | null> {
  const likelyBytes = LIKELY_BYTES[actor.choose(LIKELY_BYTES.length)] ?? NEED_LEAST_BYTES;
  const reserved = await actor.insist(() =>
    actor.work.reserve(claim, {
      need: { least: { bytes: NEED_LEAST_BYTES, inodes: 1 }, likely: { bytes: likelyBytes, inodes: 1 } },
      free: { bytes: FREE_BYTES, inodes: null },
    }),
  );
  if (reserved.kind === "reserved") return null;
  if (reserved.kind === "stale") return later();
  return { kind: "release", plan: { delayMs: BACKOFF_MS, isCounted: false, error: FAILURES[1] } };
}

/** As before everything that cannot be taken back; it also tells new progress. By choice it comes late. */
async function isStillOurs({ actor, claim }: Context): Promise<boolean> {
  const doneBytes = actor.choose(3);
  await linger(actor, claim, actor.choose(3) === 2 ? 6 : 0);
  return actor.insist(() => actor.images.heartbeat(claim, LEASE_MS, { doneBytes, totalBytes: 10 }));
}

function waitFor({ placement }: Context, waitsFor: string, untilMs: number): Ending {
  return { kind: "release", plan: { delayMs: Math.max(0, untilMs - placement.nowMs), isCounted: false, waitsFor } };
}

/** Does nothing for so many turns, while others go on. */
async function linger(actor: Actor, claim: Claim, calls: number): Promise<void> {
  for (let call = 0; call < calls; call += 1) await actor.insist(() => actor.images.load(claim.name));
}

async function giveUp(actor: Actor, claim: Claim): Promise<void> {
  const fallback = fallbackOf(claim.move);
  if (fallback === null) return release(actor, claim, { delayMs: BACKOFF_MS, isCounted: true });
  if (!(await actor.insist(() => actor.images.heartbeat(claim, LEASE_MS, null)))) return;
  if (fallback === "give-up") await actor.insist(() => actor.work.unstageOwn(claim));
  await settle(actor, claim, fallback, {}, FAILURES[0]);
}

async function settle(
  actor: Actor,
  claim: Claim,
  move: ActMove | "give-up" | "keep-active",
  facts: SettleFacts,
  error?: RecordedError,
): Promise<void> {
  const settlement = { move, opId: actor.newOp(), facts, ...(error === undefined ? {} : { error }) };
  const verdict = await actor.insist(() => actor.images.settle(claim, settlement));
  if (verdict === "stale") await release(actor, claim, { isCounted: false });
}

async function release(actor: Actor, claim: Claim, { error, ...plan }: Partial<Release>): Promise<void> {
  const opId = actor.newOp();
  const words = { delayMs: 0, isCounted: true, ...plan, opId, ...(error === undefined ? {} : { error }) };
  await actor.insist(() => actor.images.release(claim, words));
}

function done(facts: SettleFacts): Ending {
  return { kind: "done", facts };
}

function later(): Ending {
  return { kind: "release", plan: { delayMs: 0, isCounted: false } };
}

function stagedBy(claim: Claim, position: number, digest: Digest): StagedTree {
  const name = `${claim.placementId}.${claim.fence}.${position}`;
  return { name, inode: "1", diffId: diffIdOf(digest), sizeBytes: 1 };
}

function mountOf({ claim }: Context): NonNullable<SettleFacts["mount"]> {
  return { bootId: "boot", mountNs: "1", mountId: `${claim.placementId}.${claim.fence}`, deviceId: "1" };
}

const FAILURES = [
  { code: "IO_ERROR", message: "it went wrong", hint: null },
  { code: "NO_SPACE", message: "too little room", hint: null },
] as const satisfies readonly RecordedError[];
