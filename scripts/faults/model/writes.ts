import type { Claim, Release, Seen, SeenTarget } from "../../../core/ports/image-rows.ts";
import type { Reservation } from "../../../core/ports/work-rows.ts";
import type { Step } from "./invariants.ts";
import { isLive, type PlacementFacts } from "./snapshot.ts";
import type { Call } from "./turns.ts";

type Need = "target as seen" | "as seen" | "as seen and due" | "our claim" | "our live claim";

/** What has to be so for a call to change anything. */
const NEEDS: ReadonlyMap<string, Need> = new Map<string, Need>([
  ["changeTarget", "target as seen"],
  ["swap", "as seen"],
  ["claim", "as seen and due"],
  ["settle", "our claim"],
  ["release", "our claim"],
  ["unstageOwn", "our claim"],
  ["unstageLost", "our claim"],
  // Others may take over what a claim that ran out has taken.
  ["heartbeat", "our live claim"],
  ["reserve", "our live claim"],
  ["takeBlob", "our live claim"],
  ["takeLayer", "our live claim"],
  ["stageLayer", "our live claim"],
  ["stageAhead", "our live claim"],
]);

/** What callers were told, held against what the database did. */
export class Writes {
  /** Who was told that his write from a state, version and fence was applied. */
  readonly #applied = new Map<string, string>();
  readonly #told: string[] = [];

  answered(call: Call, reply: unknown): void {
    const word = wordOf(reply);
    if (word !== "applied" && word !== "claimed") return;
    const [seen, write] = call.args as readonly [Seen | Claim, { readonly opId: string }];
    // The same wish twice is granted twice, as nothing is new about it.
    if (call.name === "changeTarget") return;
    const from = `${"id" in seen ? seen.id : seen.placementId} ${seen.version} ${seen.fence}`;
    const other = this.#applied.get(from);
    if (other !== undefined && other !== write.opId) this.#told.push(`${other} and ${write.opId} were both applied`);
    this.#applied.set(from, write.opId);
  }

  /** What is wrong about the call that was just made. */
  findings(step: Step): string[] {
    return [...this.#told, ...staleWrites(step), ...lostWrites(step), ...deafReleases(step), ...overbooked(step)];
  }
}

function wordOf(reply: unknown): unknown {
  return typeof reply === "object" && reply !== null && "kind" in reply ? reply.kind : reply;
}

function isUnchanged({ before, after }: Step): boolean {
  return before.everything === after.everything;
}

/** A write changes something only where the row is as its caller read it, or as his claim left it. */
function staleWrites(step: Step): string[] {
  const { call, before } = step;
  const needs = NEEDS.get(call.name);
  if (needs === undefined || isUnchanged(step)) return [];
  const seen = call.args[0] as AnySeen;
  const row = before.placements.find(({ id }) => id === (seen.placementId ?? seen.id));
  const isFresh = row !== undefined && NEEDED[needs](row, seen, before.nowMs);
  return isFresh ? [] : [`a stale write changed something: ${call.name} of ${seen.name}, fence ${seen.fence}`];
}

type AnySeen = Partial<Claim & Seen & SeenTarget>;

const NEEDED: Readonly<Record<Need, (row: PlacementFacts, seen: AnySeen, nowMs: number) => boolean>> = {
  "target as seen": (row, seen) => row.generation === seen.generation,
  "as seen": isAsSeen,
  "as seen and due": (row, seen, nowMs) => isAsSeen(row, seen) && row.dueAtMs !== null && row.dueAtMs <= nowMs,
  "our claim": (row, seen) => isAsSeen(row, seen) && row.isClaimed,
  "our live claim": (row, seen, nowMs) => isAsSeen(row, seen) && isLive(row, nowMs),
};

function isAsSeen(row: PlacementFacts, seen: AnySeen): boolean {
  return row.state === seen.state && row.version === seen.version && row.fence === seen.fence;
}

const LOSING: ReadonlySet<unknown> = new Set(["lost", "stale", "conflict", false]);

/** Whoever is told that he lost has changed nothing: he will not look after it. */
function lostWrites(step: Step): string[] {
  const { call, reply } = step;
  // Where his lease ran out in the middle of it, he may have woken somebody before.
  const isTorn = step.before.nowMs !== step.after.nowMs;
  if (!LOSING.has(wordOf(reply)) || isTorn || isUnchanged(step)) return [];
  return [`${call.name} was told ${String(wordOf(reply))}, and changed something`];
}

/** Who waits for a piece that nobody makes any more would not be woken. */
function deafReleases({ call, after }: Step): string[] {
  if (call.name !== "release") return [];
  const [claim, { waitsFor }] = call.args as readonly [Claim, Release];
  const row = after.placements.find(({ id }) => id === claim.placementId);
  if (waitsFor === undefined || row === undefined || row.fence !== claim.fence + 1 || row.isClaimed) return [];
  const isDue = (row.dueAtMs ?? 0) <= after.nowMs;
  return row.waitsFor === null && !isDue ? [`${row.name} waits, and nobody will wake it`] : [];
}

/** Whether room was given that others had reserved and not filled. */
function overbooked(step: Step): string[] {
  if (step.call.name !== "reserve" || isUnchanged(step)) return [];
  const [, { free }] = step.call.args as readonly [Claim, Reservation];
  const reserved = step.after.placements.filter(({ reservedBytes }) => reservedBytes > 0);
  const bytes = reserved.reduce((sum, { reservedBytes, leftShare }) => sum + reservedBytes * leftShare, 0);
  return reserved.length > 1 && bytes > free.bytes ? [`${bytes} bytes are reserved of ${free.bytes}`] : [];
}
