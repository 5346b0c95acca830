import { edges, STATES, TARGETS } from "../../core/lifecycle/image.ts";
import { parseMountOptions } from "../../core/mount-options.ts";
import type {
  ActiveMount,
  DueRow,
  HistoryRow,
  MountIdentity,
  Placement,
  PlacementLayer,
  Progress,
} from "../../core/ports/image-rows.ts";
import type { Row } from "./database.ts";
import { digest, flag, integer, isRow, nullable, oneOf, recordedError, text } from "./row-values.ts";

const MADE_BY = [...edges().map(([move]) => move), "register" as const];

/** A row of SELECT_PLACEMENT. */
export function toPlacement(row: Row): Placement {
  return {
    id: integer(row, "id"),
    imageId: integer(row, "image_id"),
    name: text(row, "name"),
    node: text(row, "node"),
    source: text(row, "source"),
    checksum: nullable(row, "checksum", digest),
    state: oneOf(row, "state", STATES),
    target: oneOf(row, "target", TARGETS),
    version: integer(row, "version"),
    generation: integer(row, "generation"),
    fence: integer(row, "fence"),
    attempt: integer(row, "attempt"),
    move: oneOf(row, "move", MADE_BY),
    leaseOwner: nullable(row, "lease_owner", text),
    claimedAtMs: nullable(row, "claimed_at_ms", integer),
    dueAtMs: nullable(row, "due_at_ms", integer),
    priority: integer(row, "priority"),
    error: recordedError(row),
    progress: toProgress(row),
    sizeBytes: nullable(row, "size_bytes", integer),
    layers: toLayers(text(row, "layers")),
    mountOptions: parseMountOptions(text(row, "mount_options")),
    mount: toMount(row),
    driver: nullable(row, "driver", text),
    isRepairWanted: flag(row, "is_repair_wanted"),
    isFreshWanted: flag(row, "is_fresh_wanted"),
    isForceWanted: flag(row, "is_force_wanted"),
    waitsFor: nullable(row, "waits_for", text),
    createdAtMs: integer(row, "created_at_ms"),
    stateSinceMs: integer(row, "state_since_ms"),
    updatedAtMs: integer(row, "updated_at_ms"),
    nowMs: integer(row, "now_ms"),
  };
}

function toProgress(row: Row): Progress | null {
  const doneBytes = nullable(row, "done_bytes", integer);
  return doneBytes === null ? null : { doneBytes, totalBytes: nullable(row, "total_bytes", integer) };
}

function toMount(row: Row): MountIdentity | null {
  const bootId = nullable(row, "boot_id", text);
  if (bootId === null) return null;
  return {
    bootId,
    mountNs: text(row, "mount_ns"),
    mountId: text(row, "mount_id"),
    deviceId: text(row, "device_id"),
  };
}

function toLayers(json: string): PlacementLayer[] {
  const layers: unknown = JSON.parse(json);
  if (!Array.isArray(layers) || !layers.every(isRow)) throw new Error(`column layers holds ${json}`);
  return layers.map((layer) => ({
    digest: digest(layer, "digest"),
    diffId: nullable(layer, "diffId", digest),
    expectedDiffId: nullable(layer, "expectedDiffId", digest),
    sizeBytes: nullable(layer, "sizeBytes", integer),
  }));
}

/** A row of a seek for due rows. */
/** A row of selectActiveMounts. */
export function toActiveMount(row: Row): ActiveMount {
  const bootId = nullable(row, "boot_id", text);
  const mount = { mountNs: nullable(row, "mount_ns", text) ?? "", mountId: nullable(row, "mount_id", text) ?? "" };
  return { name: text(row, "name"), mount: bootId === null ? null : { bootId, ...mount } };
}

export function toDueRow(row: Row): DueRow {
  return {
    id: integer(row, "id"),
    name: text(row, "name"),
    state: oneOf(row, "state", STATES),
    target: oneOf(row, "target", TARGETS),
    isSuspect: row["lease_owner"] !== null,
  };
}

/** A row of `history`. */
export function toHistoryRow(row: Row): HistoryRow {
  return {
    seq: integer(row, "seq"),
    placementId: integer(row, "placement_id"),
    fromState: nullable(row, "from_state", (columns, name) => oneOf(columns, name, STATES)),
    toState: oneOf(row, "to_state", [...STATES, "REMOVED"]),
    move: oneOf(row, "move", MADE_BY),
    attempt: integer(row, "attempt"),
    node: text(row, "node"),
    worker: text(row, "worker"),
    startedAtMs: integer(row, "started_at_ms"),
    durationMs: integer(row, "duration_ms"),
    error: recordedError(row),
  };
}
