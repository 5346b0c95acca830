import type { Claim } from "../../../core/ports/image-rows.ts";
import { FREE_BYTES } from "./acts.ts";
import type { Snapshot } from "./snapshot.ts";
import type { Call } from "./turns.ts";

/** Calls under a claim, and whether they need it to be live: others may have taken over from one that ran out. */
const UNDER_CLAIM: ReadonlyMap<string, "live" | "ours"> = new Map([
  ["settle", "ours"],
  ["release", "ours"],
  ["unstageOwn", "ours"],
  ["unstageLost", "ours"],
  ["heartbeat", "live"],
  ["reserve", "live"],
  ["takeBlob", "live"],
  ["takeLayer", "live"],
  ["stageLayer", "live"],
  ["stageAhead", "live"],
]);

/** What callers were told, held against what the database did. */
export class Writes {
  /** Who was told that his write from a state, version and fence was applied. */
  readonly #applied = new Map<string, string>();
  readonly #told: string[] = [];

  answered(call: Call, reply: unknown): void {
    const word = wordOf(reply);
    if (word !== "applied" && word !== "claimed") return;
    const [seen, write] = call.args as readonly [Record<string, unknown>, { readonly opId: string }];
    // The same wish twice is granted twice, as nothing is new about it.
    if (call.name === "changeTarget") return;
    const from = `${seen["placementId"] ?? seen["id"]} ${seen["version"]} ${seen["fence"]}`;
    const other = this.#applied.get(from);
    if (other !== undefined && other !== write.opId) this.#told.push(`${other} and ${write.opId} were both applied`);
    this.#applied.set(from, write.opId);
  }

  /** What is wrong about the call that was just made. */
  findings(call: Call, before: Snapshot, after: Snapshot): string[] {
    return [...this.#told, ...staleWrites(call, before, after), ...overbooked(call, before, after)];
  }
}

function wordOf(reply: unknown): unknown {
  return typeof reply === "object" && reply !== null && "kind" in reply ? reply.kind : reply;
}

function staleWrites({ name, args }: Call, before: Snapshot, after: Snapshot): string[] {
  const needed = UNDER_CLAIM.get(name);
  if (needed === undefined || before.everything === after.everything) return [];
  const claim = args[0] as Claim;
  const row = before.placements.find(({ id }) => id === claim.placementId);
  const isOurs =
    row?.isClaimed === true &&
    row.state === claim.state &&
    row.version === claim.version &&
    row.fence === claim.fence &&
    (needed === "ours" || (row.dueAtMs ?? 0) > before.nowMs);
  return isOurs ? [] : [`a claim that ended wrote something: ${name} of ${claim.name}, fence ${claim.fence}`];
}

/** Whether room was given that others had reserved and not filled: what is done of theirs is not looked at here. */
function overbooked({ name }: Call, before: Snapshot, after: Snapshot): string[] {
  if (name !== "reserve" || before.everything === after.everything) return [];
  const reserved = after.placements.filter(({ reservedBytes }) => reservedBytes > 0);
  const bytes = reserved.reduce((sum, { reservedBytes, leftShare }) => sum + reservedBytes * leftShare, 0);
  return reserved.length > 1 && bytes > FREE_BYTES ? [`${bytes} bytes are reserved of ${FREE_BYTES}`] : [];
}
