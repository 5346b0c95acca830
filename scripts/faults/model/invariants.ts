import { GONE, isLegal, isMove, ruleOf } from "../../../core/lifecycle/image.ts";
import { nextMove, nextMoveOf } from "../../../core/lifecycle/next-move.ts";
import type { Claim } from "../../../core/ports/image-rows.ts";
import { isLive, liveHolderOf, type PlacementFacts, type Snapshot, type WorkFacts } from "./snapshot.ts";
import type { Call } from "./turns.ts";

/** What one call made of the database. */
export interface Step {
  readonly call: Call;
  /** What its caller was told; undefined where he heard nothing. */
  readonly reply: unknown;
  readonly before: Snapshot;
  readonly after: Snapshot;
  /** Digests of pieces that somebody has found damaged or lost: rows that were under way rest on them all the same. */
  readonly spoiled: ReadonlySet<string>;
}

/** What core/README.md promises of every state and of every step; each names its finding, or gives none. */
export const INVARIANTS: Readonly<Record<string, (step: Step) => readonly string[]>> = {
  "a state changes only along an edge of the table, and the version counts it": ({ before, after }) =>
    pairs(before, after).flatMap(({ was, is }) => {
      if (is.state === was.state) return is.version === was.version ? [] : [`${is.name} has another version`];
      return isEdgeOf(moveTo(is, after), was.state, is.state) && is.version === was.version + 1
        ? []
        : [`${is.name} went from ${was.state} to ${is.state}`];
    }),

  "counters never go back": ({ before, after }) =>
    pairs(before, after)
      .filter(({ was, is }) => is.fence < was.fence || is.generation < was.generation || is.version < was.version)
      .map(({ is }) => is.name),

  "a free row that does not rest is due at some time, and a row at rest is not": ({ after }) =>
    after.placements
      .filter((row) => !row.isClaimed && (row.dueAtMs === null) !== (nextMoveOf(row) === null))
      .map((row) => `${row.name} is ${row.state}, its target ${row.target}, due at ${row.dueAtMs}`),

  "only a row with a move under a claim is held": ({ after }) =>
    after.placements.filter(({ isClaimed, dueAtMs }) => isClaimed && dueAtMs === null).map(({ name }) => name),

  "history is one unbroken way, and each version is reached once": ({ after }) =>
    after.placements.flatMap((row) => {
      const rows = after.history.filter(({ placementId }) => placementId === row.id);
      const breaks = rows.filter(({ fromState }, at) => fromState !== (rows[at - 1]?.toState ?? null));
      const moves = rows.filter((each) => each.fromState !== null && isMoved(each)).length;
      const isWhole = breaks.length === 0 && rows.at(-1)?.toState === row.state && moves === row.version;
      return isWhole ? [] : [`the history of ${row.name} has ${moves} moves for version ${row.version}`];
    }),

  "a claim that ended has one row in history": ({ before, after }) =>
    before.placements
      .filter(({ isClaimed }) => isClaimed)
      .flatMap((was) => {
        const is = after.placements.find(({ id }) => id === was.id);
        if (is?.isClaimed === true && is.fence === was.fence) return [];
        const rows = after.history.filter(
          (row) => row.placementId === was.id && row.fence === was.fence && (!isMoved(row) || row.attempt > 0),
        );
        return rows.length === 1 ? [] : [`the claim ${was.fence} of ${was.name} has ${rows.length} rows`];
      }),

  "a move without a claim is no attempt of one": ({ after }) =>
    after.history
      .filter(({ move, attempt }) => attempt > 0 && isMove(move) && !["act", "fallback"].includes(ruleOf(move).kind))
      .map(({ move, attempt }) => `${move} is attempt ${attempt}`),

  "a live claim is ended by its holder or by a move that overrules it, and by nobody's claim": ({ before, after }) =>
    pairs(before, after)
      .filter(({ was, is }) => isLive(was, after.nowMs) && is.isClaimed && is.fence !== was.fence)
      .map(({ is }) => `${is.name} was claimed while it was held`),

  "a lease is pushed on by its holder alone": ({ call, before, after }) =>
    pairs(before, after)
      .filter(({ was, is }) => was.isClaimed && is.isClaimed && was.fence === is.fence && was.dueAtMs !== is.dueAtMs)
      .filter(({ is }) => call.name !== "heartbeat" || (call.args[0] as Claim).placementId !== is.id)
      .map(({ is }) => `${is.name} is held until ${is.dueAtMs}`),

  // Or towards a repair; one that became wanted meanwhile leads back from wherever this one led.
  "a move without work leads towards the target that the row has when it is made": ({ before, after }) =>
    pairs(before, after).flatMap(({ was, is }) => {
      const move = moveTo(is, after);
      const isSwap = was.state !== is.state && isMove(move) && ruleOf(move).kind === "swap";
      return isSwap && ![nextMoveOf(was), nextMove(was.state, was.target)].some((next) => next === move)
        ? [`${move} of ${is.name} for ${was.target}`]
        : [];
    }),

  "nothing but a person's word leaves FAILED, and nothing leads back from REMOVING": ({ before, after }) =>
    pairs(before, after)
      .filter(
        ({ was, is }) =>
          (was.state === "FAILED" && !["FAILED", "NEW", "REMOVING"].includes(is.state)) ||
          (was.state === "REMOVING" && is.state !== "REMOVING"),
      )
      .map(({ was, is }) => `${is.name} went from ${was.state} to ${is.state}`),

  "what is being removed is wanted by nobody": ({ after }) =>
    after.placements
      .filter(({ state, target }) => state === "REMOVING" && target !== "REMOVED")
      .map(({ name, target }) => `${name} is to be ${target}`),

  "what a live claim makes is in no other hands, and is not collected": ({ before, after }) =>
    before.works
      .filter((work) => work.state === "working")
      .flatMap((was) => {
        const holder = liveHolderOf(was, { ...before, nowMs: after.nowMs });
        const is = after.works.find(({ key }) => key === was.key);
        const stillHeld = after.placements.some(
          (row) => row.id === holder?.id && row.fence === holder.fence && isLive(row, after.nowMs),
        );
        if (holder === null || !stillHeld) return [];
        const isKept = is?.state !== "removing" && (is?.state !== "working" || is.holderId === was.holderId);
        return is !== undefined && isKept ? [] : [`${was.key} was taken from ${holder.name}`];
      }),

  // What is absent may be marked: a file that lies there all the same goes before another comes.
  "what an image refers to is not marked as garbage, but for blobs that are only kept": ({ before, after }) =>
    after.works
      .filter((is) => is.state === "removing" && !["removing", "absent", undefined].includes(stateOf(before, is.key)))
      .filter(({ kind, digest }) => before.placements.some((row) => needs(row, kind, digest, before)))
      .map(({ key }) => `${key} is needed, and was marked`),

  "a piece is present only once somebody had it in hand": ({ before, after }) =>
    after.works.filter((is) => is.state === "present" && stateOf(before, is.key) === undefined).map(({ key }) => key),

  "a piece goes from state to state as it is made, lost and removed; nobody takes up what is being removed": ({
    before,
    after,
  }) =>
    before.works
      .filter((was) => !WORK_EDGES[was.state].includes(stateOf(after, was.key) ?? "forgotten"))
      .map((was) => `${was.key} went from ${was.state} to ${stateOf(after, was.key) ?? "forgotten"}`),

  "a state that is entered has its pieces": ({ before, after, spoiled }) =>
    pairs(before, after)
      .filter(({ was, is }) => was.state !== is.state)
      .flatMap(({ is }) => missing(is, after, spoiled).map((piece) => `${is.name} is ${is.state} without ${piece}`)),

  "a row that waits for a piece has it in the making, or is due": ({ after }) =>
    after.placements
      .filter(({ waitsFor, dueAtMs }) => waitsFor !== null && (dueAtMs ?? 0) > after.nowMs)
      .filter(({ waitsFor }) => !["working", "removing"].includes(stateOf(after, waitsFor ?? "") ?? "absent"))
      .map((row) => `${row.name} waits for ${row.waitsFor}`),

  "only a claim has room reserved": ({ after }) =>
    after.placements.filter((row) => !row.isClaimed && row.reservedBytes > 0).map(({ name }) => name),
};

function isMoved({ fromState, toState }: { readonly fromState: string | null; readonly toState: string }): boolean {
  return fromState !== toState;
}

/** The move that made the row's version. */
function moveTo({ id, version }: PlacementFacts, { history }: Snapshot): string {
  return history.find((row) => row.placementId === id && row.version === version && isMoved(row))?.move ?? "";
}

function isEdgeOf(move: string, from: PlacementFacts["state"], to: string): boolean {
  return isMove(move) && isLegal(move, from) && ruleOf(move).to === to && to !== GONE;
}

function pairs(before: Snapshot, after: Snapshot): { readonly was: PlacementFacts; readonly is: PlacementFacts }[] {
  return before.placements.flatMap((was) => {
    const is = after.placements.find(({ id }) => id === was.id);
    return is === undefined ? [] : [{ was, is }];
  });
}

function stateOf(snapshot: Snapshot, key: string): WorkFacts["state"] | undefined {
  return snapshot.works.find((work) => work.key === key)?.state;
}

/** For each state of a piece, those that one write may lead to. */
const WORK_EDGES: Readonly<Record<WorkFacts["state"], readonly (WorkFacts["state"] | "forgotten")[]>> = {
  absent: ["absent", "working", "staged", "removing"],
  working: ["working", "absent", "staged", "present", "removing"],
  staged: ["staged", "absent", "present", "removing"],
  present: ["present", "damaged", "removing"],
  damaged: ["damaged", "working", "staged", "present", "removing"],
  removing: ["removing", "absent", "forgotten"],
};

const HAS_ALL_LAYERS: ReadonlySet<string> = new Set(["STORED", "ACTIVATING", "ACTIVE", "DEACTIVATING"]);

function needs(row: PlacementFacts, kind: WorkFacts["kind"], digest: string, snapshot: Snapshot): boolean {
  if (row.checksum !== digest && !row.layers.includes(digest)) return false;
  if (kind === "layer") return true;
  const isWhole = row.layers.every((layer) => stateOf(snapshot, `layer:native:${layer}`) === "present");
  return !HAS_ALL_LAYERS.has(row.state) || row.layers.length === 0 || !isWhole;
}

function missing({ state, layers }: PlacementFacts, snapshot: Snapshot, spoiled: ReadonlySet<string>): string[] {
  const wanted = layers.filter((digest) => !spoiled.has(digest));
  const without = (kind: string, ...states: readonly WorkFacts["state"][]): string[] =>
    wanted.map((digest) => `${kind}:${digest}`).filter((key) => !states.includes(stateOf(snapshot, key) ?? "absent"));
  if (state === "DOWNLOADED") return without("blob", "present").concat(layers.length === 0 ? ["layers"] : []);
  if (state === "UNPACKED") return without("layer:native", "staged", "present");
  return state === "STORED" || state === "ACTIVE" ? without("layer:native", "present") : [];
}
