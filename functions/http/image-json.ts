import type { HistoryRow, Placement } from "../../core/ports/image-rows.ts";
import { redacted } from "../../core/source-url.ts";
import type { Engine } from "../engine.ts";
import type { HistoryEntryJson, ImageJson } from "./wire.ts";

/** A placement as it is shown: no credentials, the mount point while ACTIVE, the freshest progress. */
export function toImageJson(engine: Engine, placement: Placement): ImageJson {
  const isHeld = placement.leaseOwner !== null && (placement.dueAtMs ?? 0) > placement.nowMs;
  return {
    name: placement.name,
    node: placement.node,
    source: redacted(placement.source),
    checksum: placement.checksum,
    state: placement.state,
    target: placement.target,
    version: placement.version,
    generation: placement.generation,
    attempt: placement.attempt,
    error: placement.error,
    progress: engine.inFlight.progressOf(placement.id) ?? placement.progress,
    sizeBytes: placement.sizeBytes,
    layers: placement.layers.map(({ digest, diffId, sizeBytes }) => ({ digest, diffId, sizeBytes })),
    mountPoint: placement.state === "ACTIVE" ? engine.mountPointOf(placement.name) : null,
    mountOptions: placement.mountOptions,
    driver: placement.driver,
    worker: isHeld ? placement.leaseOwner : null,
    waitsFor: placement.waitsFor,
    createdAtMs: placement.createdAtMs,
    stateSinceMs: placement.stateSinceMs,
    updatedAtMs: placement.updatedAtMs,
    dueAtMs: placement.dueAtMs,
  };
}

export function toHistoryJson(row: HistoryRow): HistoryEntryJson {
  const { placementId, ...entry } = row;
  return { ...entry, incarnation: placementId };
}

/** The strong validator of an image: changes with every change of state or target. */
export function etagOf(placement: Placement): string {
  return `"${placement.id}.${placement.version}.${placement.generation}"`;
}
