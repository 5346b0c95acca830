import type {
  Claim,
  Claimed,
  ImageRows,
  ListFilter,
  Placement,
  Registration,
  Release,
  Seen,
  Settlement,
  Swapped,
} from "../../core/ports/image-rows.ts";
import type { Verdict } from "../../core/protocol/verdict.ts";
import type { Database, Row } from "./database.ts";
import { fairBatch, oldestShare } from "./fair-batch.ts";
import { toActiveMount, toDueRow, toHistoryRow, toPlacement } from "./placement-row.ts";
import { flag, integer, nullable } from "./row-values.ts";
import { selectActiveMounts } from "./statements/active-mounts.ts";
import { claimRow } from "./statements/claim.ts";
import { seekDueRows } from "./statements/due.ts";
import { pushLease } from "./statements/heartbeat.ts";
import { selectHistory } from "./statements/history.ts";
import { cursorAfter, listPlacements } from "./statements/list.ts";
import { selectByName } from "./statements/placement.ts";
import { registerImage } from "./statements/register.ts";
import { releaseClaim } from "./statements/release.ts";
import { settleClaim } from "./statements/settle.ts";
import { swapState } from "./statements/swap.ts";
import { changeTarget, wakeRow } from "./statements/target.ts";

/**
 * The image rows of a node in a migrated database. Each method is one `read` or one `batch`; the verdict of a write is
 * read in the same batch.
 * @see README.md beside this file
 */
export function createImageRows(database: Database, node: string): ImageRows {
  return {
    register: (registration) => register(database, node, registration),
    load: async (name) => placementIn(await database.read([selectByName(node, name)])),
    list: (filter) => list(database, node, filter),
    activeMounts: async () => {
      const [rows = []] = await database.read([selectActiveMounts(node)]);
      return rows.map(toActiveMount);
    },
    due: (limit) => due(database, node, limit),
    swap: async (seen, swap) => swapped(await database.batch(swapState(node, seen, swap))),
    claim: (seen, attempt) => claim(database, node, seen, attempt),
    heartbeat: async (held, leaseMs, progress) => {
      const [beat] = await database.batch([pushLease(node, held, leaseMs, progress)]);
      return beat?.[0] !== undefined;
    },
    settle: (held, settlement) => settle(database, node, held, settlement),
    release: (held, plan) => release(database, node, held, plan),
    changeTarget: async (seen, change) => swapped(await database.batch(changeTarget(node, seen, change))),
    wake: async (placementId) => {
      await database.batch([wakeRow(node, placementId)]);
    },
    history: async (name, scope) => {
      const [rows] = await database.read([selectHistory(node, name, scope)]);
      return (rows ?? []).map(toHistoryRow);
    },
  };
}

async function register(
  database: Database,
  node: string,
  registration: Registration,
): Promise<{ isNew: boolean; placement: Placement }> {
  const row = lastRow(await database.batch(registerImage(node, registration)));
  if (row === undefined) throw new Error(`the name "${registration.name}" has an image without a placement`);
  return { isNew: flag(row, "is_new"), placement: toPlacement(row) };
}

async function list(
  database: Database,
  node: string,
  filter: ListFilter,
): Promise<{ placements: Placement[]; nextCursor: string | null }> {
  const [rows = []] = await database.read([listPlacements(node, filter)]);
  const placements = rows.slice(0, filter.limit).map(toPlacement);
  const last = placements.at(-1);
  const hasMore = rows.length > filter.limit && last !== undefined;
  return { placements, nextCursor: hasMore ? cursorAfter(filter, last) : null };
}

async function due(database: Database, node: string, limit: number): ReturnType<ImageRows["due"]> {
  // One row more than asked for tells whether more are due already.
  const [[next] = [], byPriority = [], oldest = []] = await database.read(
    seekDueRows(node, limit + 1, oldestShare(limit)),
  );
  if (next === undefined) throw new Error("the database did not say what time it is");
  const nowMs = integer(next, "now_ms");
  return {
    rows: fairBatch(byPriority.map(toDueRow), oldest.map(toDueRow), limit),
    nextDueAtMs: byPriority.length > limit ? nowMs : nullable(next, "next_due_at_ms", integer),
    nowMs,
  };
}

async function claim(
  database: Database,
  node: string,
  seen: Seen,
  attempt: Parameters<ImageRows["claim"]>[1],
): Promise<Claimed> {
  const results = await database.batch(claimRow(node, seen, attempt));
  const placement = placementIn(results);
  if (placement === null || !isOurs(results)) return { kind: "lost", placement };
  const { move, worker } = attempt;
  const { id: placementId, state, version } = seen;
  const held: Claim = { placementId, name: placement.name, move, state, version, fence: seen.fence + 1, worker };
  return { kind: "claimed", claim: held, placement };
}

async function settle(database: Database, node: string, held: Claim, settlement: Settlement): Promise<Verdict> {
  const made = lastRow(await database.batch(settleClaim(node, held, settlement)));
  if (made === undefined) return "stale";
  return made["op_id"] === settlement.opId ? "applied" : "conflict";
}

async function release(database: Database, node: string, held: Claim, plan: Release): Promise<Verdict> {
  const ended = lastRow(await database.batch(releaseClaim(node, held, plan)));
  if (ended?.["ended_by"] === plan.opId) return "applied";
  return ended !== undefined && flag(ended, "has_moved") ? "conflict" : "stale";
}

function swapped(results: readonly Row[][]): Swapped {
  const placement = placementIn(results);
  return placement !== null && isOurs(results) ? { kind: "applied", placement } : { kind: "lost", placement };
}

/** Whether one of the statements but the last, which reads the placement, answered with a row: the write is ours. */
function isOurs(results: readonly Row[][]): boolean {
  return results.slice(0, -1).some((rows) => rows.length > 0);
}

function placementIn(results: readonly Row[][]): Placement | null {
  const row = lastRow(results);
  return row === undefined ? null : toPlacement(row);
}

function lastRow(results: readonly Row[][]): Row | undefined {
  return results.at(-1)?.[0];
}
