import type { Database, Row } from "../../../adapters/libsql/database.ts";
import { flag, integer, nullable, oneOf, text } from "../../../adapters/libsql/row-values.ts";
import { GONE, STATES, type State, TARGETS, type Target } from "../../../core/lifecycle/image.ts";
import { BLOB_STATES, LAYER_STATES } from "../../../core/lifecycle/work.ts";

/** All that the database holds, at a time of its own. */
export interface Snapshot {
  readonly nowMs: number;
  readonly placements: readonly PlacementFacts[];
  /** Blobs and layers, by keys as in `waits_for`. */
  readonly works: readonly WorkFacts[];
  readonly history: readonly HistoryFacts[];
  /** Everything that may change, as text, but the time. */
  readonly everything: string;
}

export interface PlacementFacts {
  readonly id: number;
  readonly name: string;
  readonly state: State;
  readonly target: Target;
  readonly version: number;
  readonly generation: number;
  readonly fence: number;
  readonly isClaimed: boolean;
  readonly dueAtMs: number | null;
  readonly waitsFor: string | null;
  readonly isRepairWanted: boolean;
  readonly reservedBytes: number;
  /** How much of its work is still to be written, from 0 to 1. */
  readonly leftShare: number;
  readonly checksum: string | null;
  readonly layers: readonly string[];
}

export interface WorkFacts {
  readonly key: string;
  readonly kind: "blob" | "layer";
  readonly digest: string;
  readonly state: (typeof LAYER_STATES)[number];
  readonly holderId: number | null;
  readonly holderFence: number | null;
}

export interface HistoryFacts {
  readonly placementId: number;
  readonly version: number;
  readonly fence: number;
  readonly fromState: State | null;
  readonly toState: State | typeof GONE;
  readonly move: string;
  readonly attempt: number;
  readonly opId: string;
}

const PLACEMENTS = `
  SELECT placements.*, images.checksum, (
    SELECT json_group_array(digest) FROM placement_layers WHERE placement_id = placements.id) AS layers
  FROM placements JOIN images ON images.id = placements.image_id ORDER BY placements.id`;

// Of images that are there, and what was written last.
const HISTORY = `
  SELECT placement_id, version, fence, from_state, to_state, move, attempt, op_id FROM history
  WHERE placement_id IN (SELECT id FROM placements) OR seq > (SELECT max(seq) FROM history) - 5 ORDER BY seq`;

const TEXTS = [
  PLACEMENTS,
  "SELECT 'blob:' || digest AS key, 'blob' AS kind, * FROM blobs ORDER BY digest",
  "SELECT 'layer:' || form || ':' || digest AS key, 'layer' AS kind, * FROM layers ORDER BY digest",
  HISTORY,
  "SELECT * FROM images ORDER BY id",
  "SELECT now_ms FROM stepped_clock",
] as const;

/** Reads everything at once. */
export async function takeSnapshot(database: Database): Promise<Snapshot> {
  const rows = await database.read(TEXTS.map((sql) => ({ sql, args: {} })));
  const [placements = [], blobs = [], layers = [], history = [], , [clock = {}] = []] = rows;
  return {
    nowMs: integer(clock, "now_ms"),
    placements: placements.map(toPlacementFacts),
    works: [...blobs.map(toWorkFacts(BLOB_STATES)), ...layers.map(toWorkFacts(LAYER_STATES))],
    history: history.map(toHistoryFacts),
    everything: JSON.stringify(rows.slice(0, -1)),
  };
}

function toPlacementFacts(row: Row): PlacementFacts {
  const layers = JSON.parse(text(row, "layers")) as readonly string[];
  return {
    id: integer(row, "id"),
    name: text(row, "name"),
    state: oneOf(row, "state", STATES),
    target: oneOf(row, "target", TARGETS),
    version: integer(row, "version"),
    generation: integer(row, "generation"),
    fence: integer(row, "fence"),
    isClaimed: row["lease_owner"] !== null,
    dueAtMs: nullable(row, "due_at_ms", integer),
    waitsFor: nullable(row, "waits_for", text),
    isRepairWanted: flag(row, "is_repair_wanted"),
    reservedBytes: integer(row, "reserved_bytes"),
    leftShare: leftShareOf(row),
    checksum: nullable(row, "checksum", text),
    layers,
  };
}

/** What is reserved is left whole until more is done than was then. */
function leftShareOf(row: Row): number {
  const [reservedAt, done = 0, total = 0] = ["reserved_at_bytes", "done_bytes", "total_bytes"].map(
    (column) => nullable(row, column, integer) ?? 0,
  );
  if (reservedAt === undefined || total <= reservedAt) return 1;
  return 1 - Math.max(0, Math.min(1, (done - reservedAt) / (total - reservedAt)));
}

const toWorkFacts =
  (states: readonly WorkFacts["state"][]) =>
  (row: Row): WorkFacts => ({
    key: text(row, "key"),
    kind: oneOf(row, "kind", ["blob", "layer"] as const),
    digest: text(row, "digest"),
    state: oneOf(row, "state", states),
    holderId: nullable(row, "holder_id", integer),
    holderFence: nullable(row, "holder_fence", integer),
  });

function toHistoryFacts(row: Row): HistoryFacts {
  return {
    placementId: integer(row, "placement_id"),
    version: integer(row, "version"),
    fence: integer(row, "fence"),
    fromState: nullable(row, "from_state", (columns, name) => oneOf(columns, name, STATES)),
    toState: oneOf(row, "to_state", [...STATES, GONE]),
    move: text(row, "move"),
    attempt: integer(row, "attempt"),
    opId: text(row, "op_id"),
  };
}

/** Whether the claim that made the row's last fence lives. */
export function isLive({ isClaimed, dueAtMs }: PlacementFacts, nowMs: number): boolean {
  return isClaimed && dueAtMs !== null && dueAtMs > nowMs;
}

/** The placement whose live claim makes that piece; null where it is free. */
export function liveHolderOf(work: WorkFacts, { placements, nowMs }: Snapshot): PlacementFacts | null {
  const holder = placements.find(({ id, fence }) => id === work.holderId && fence === work.holderFence);
  return holder !== undefined && isLive(holder, nowMs) ? holder : null;
}
