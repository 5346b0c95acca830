import { BLOB_STATES, LAYER_FORMS, LAYER_STATES } from "../../core/lifecycle/work.ts";
import type {
  BlobRow,
  BlobTaken,
  Garbage,
  LayerRow,
  LayerTaken,
  Reserved,
  StagedTree,
  WorkRows,
} from "../../core/ports/work-rows.ts";
import { createDamageRows } from "./damage-rows.ts";
import type { Database, Row, Statement } from "./database.ts";
import { digest, flag, hasLastRow, integer, nullable, oneOf, text } from "./row-values.ts";
import * as blobs from "./statements/blobs.ts";
import * as collections from "./statements/garbage.ts";
import { inventory } from "./statements/inventory.ts";
import * as layers from "./statements/layers.ts";
import { reserveRoom } from "./statements/reserve.ts";
import { markStrayBlob, markStrayLayer } from "./statements/strays.ts";

/**
 * The blobs and layers of a node in a migrated database. Each method is one `read` or one `batch`.
 * @see README.md beside this file
 */
export function createWorkRows(database: Database, node: string): WorkRows {
  const read = (statements: readonly Statement[]): Promise<Row[][]> => database.read(statements);
  const batch = (statements: readonly Statement[]): Promise<Row[][]> => database.batch(statements);
  return {
    ...createDamageRows(database, node),
    reserve: async (claim, reservation) => toReserved(await batch(reserveRoom(node, claim, reservation))),
    takeBlob: async (claim, blob) => toBlobTaken(await batch(blobs.takeBlob(node, claim, blob))),
    takeLayer: async (claim, layer, form) => toLayerTaken(await batch(layers.takeLayer(node, claim, layer, form))),
    stageLayer: async (claim, layer, form, staged) =>
      hasLastRow(await batch(layers.stageLayer(node, claim, layer, form, staged))),
    stageAhead: async (claim, layer, form, staged) =>
      hasLastRow(
        await batch([
          ...layers.takeLayer(node, claim, layer, form),
          ...layers.stageLayer(node, claim, layer, form, staged),
        ]),
      ),
    isPresent: async (diffId, form) => hasLastRow(await read([layers.selectByDiffId(node, diffId, form, "present")])),
    markKeptBlobs: async (bytes) => toGarbage(await batch(collections.markKeptBlobs(node, bytes))),
    storedBytes: async () => {
      const [[row] = []] = await read([collections.sumStoredBytes(node)]);
      return row === undefined ? 0 : integer(row, "bytes");
    },
    markStrayBlob: async (stray) => hasLastRow(await batch([markStrayBlob(node, stray)])),
    markStrayLayer: async (diffId, form) => hasLastRow(await batch([markStrayLayer(node, diffId, form)])),
    isLeaving: async (diffId, form) => hasLastRow(await read([layers.selectByDiffId(node, diffId, form, "removing")])),
    readLayer: async (layer, form) => {
      const [row] = (await read([layers.selectLayer(node, layer, form)])).flat();
      return row === undefined ? null : toLayerRow(row);
    },
    unstageOwn: async (claim) => {
      const [staged = []] = await batch(layers.unstageOwn(node, claim));
      return staged.map((row) => text(row, "staged_name"));
    },
    unstageLost: async (claim, layer, form) => {
      await batch([layers.unstageLost(node, claim, layer, form)]);
    },
    markGarbage: async (scope) => toGarbage(await batch(collections.markGarbage(node, scope))),
    findGarbage: async (scope) => toGarbage(await read(collections.findGarbage(node, scope))),
    sweepGarbage: async (garbage) => {
      await batch(collections.sweepGarbage(node, garbage));
    },
    inventory: async () => toInventory(await read(inventory(node))),
  };
}

function toBlobTaken(results: readonly Row[][]): BlobTaken {
  const row = lookIn(results);
  if (!flag(row, "is_live")) return { kind: "stale" };
  const state = oneOf(row, "state", BLOB_STATES);
  if (state === "present") return { kind: "present", sizeBytes: integer(row, "size_bytes") };
  return state === "working" && flag(row, "is_ours") ? { kind: "taken" } : held(row);
}

function toLayerTaken(results: readonly Row[][]): LayerTaken {
  const row = lookIn(results);
  if (!flag(row, "is_live")) return { kind: "stale" };
  const state = oneOf(row, "state", LAYER_STATES);
  if (state === "present" || state === "staged") return { kind: state, layer: toLayerRow(row) };
  return state === "working" && flag(row, "is_ours") ? { kind: "taken" } : held(row);
}

function held(row: Row): { readonly kind: "held"; readonly untilMs: number } {
  return { kind: "held", untilMs: integer(row, "until_ms") };
}

function lookIn(results: readonly Row[][]): Row {
  const row = results.at(-1)?.[0];
  if (row === undefined) throw new Error("the database did not say what the claim got");
  return row;
}

function toReserved(results: readonly Row[][]): Reserved {
  const [[reserved] = [], [others] = []] = results;
  if (reserved !== undefined) return { kind: "reserved" };
  if (others === undefined || !flag(others, "is_live")) return { kind: "stale" };
  return { kind: "short", bytes: integer(others, "bytes"), inodes: integer(others, "inodes") };
}

function toGarbage(results: readonly Row[][]): Garbage {
  const [blobRows = [], layerRows = []] = results.slice(-2);
  return {
    blobs: blobRows.map((row) => ({ digest: digest(row, "digest"), sizeBytes: nullable(row, "size_bytes", integer) })),
    layers: layerRows.map((row) => ({
      digest: digest(row, "digest"),
      form: oneOf(row, "form", LAYER_FORMS),
      diffId: nullable(row, "diff_id", digest),
      stagedName: nullable(row, "staged_name", text),
      sizeBytes: nullable(row, "size_bytes", integer),
    })),
  };
}

function toInventory(results: readonly Row[][]): Awaited<ReturnType<WorkRows["inventory"]>> {
  const [blobRows = [], layerRows = [], claimRows = []] = results;
  return {
    blobs: blobRows.map(toBlobRow),
    layers: layerRows.map(toLayerRow),
    claims: claimRows.map((row) => ({ placementId: integer(row, "id"), fence: integer(row, "fence") })),
  };
}

function toBlobRow(row: Row): BlobRow {
  return {
    digest: digest(row, "digest"),
    state: oneOf(row, "state", BLOB_STATES),
    sizeBytes: nullable(row, "size_bytes", integer),
  };
}

function toLayerRow(row: Row): LayerRow {
  const state = oneOf(row, "state", LAYER_STATES);
  return {
    digest: digest(row, "digest"),
    form: oneOf(row, "form", LAYER_FORMS),
    state,
    diffId: nullable(row, "diff_id", digest),
    sizeBytes: nullable(row, "size_bytes", integer),
    // A staged tree that is being collected is nobody's any more.
    staged: state === "staged" ? toStagedTree(row) : null,
  };
}

function toStagedTree(row: Row): StagedTree {
  return {
    name: text(row, "staged_name"),
    inode: text(row, "staged_inode"),
    diffId: digest(row, "diff_id"),
    sizeBytes: integer(row, "size_bytes"),
  };
}
