import type { Digest } from "../../core/digests.ts";
import type { Piece } from "../../core/ports/damage-rows.ts";
import type { BlobRow, LayerRow } from "../../core/ports/work-rows.ts";
import type { Disk, Engine } from "../engine.ts";
import { blobDamaged, treeKnownDamaged } from "./reasons.ts";
import type { Damage } from "./repair.ts";

export interface StoredPieces {
  /** To be looked at; each tree once. */
  readonly pieces: readonly Piece[];
  /** Known to be damaged, and not made again yet. */
  readonly damages: readonly Damage[];
}

/** What the rows of this node say is there. @param parts only these digests; null: all */
export async function storedPieces(
  { work }: Engine,
  { layers }: Disk,
  parts: ReadonlySet<Digest> | null,
): Promise<StoredPieces> {
  const isMeant = ({ digest }: BlobRow | LayerRow): boolean => parts === null || parts.has(digest);
  const rows = await work.inventory();
  const blobs = rows.blobs.filter(isMeant);
  const trees = new Map(rows.layers.filter((row) => row.form === layers.form && isMeant(row)).map(byTree));
  return {
    pieces: [...blobs.flatMap(blobPiece), ...[...trees.values()].flatMap(layerPiece)],
    damages: [...blobs.flatMap(knownBlob), ...[...trees.values()].flatMap(knownTree)],
  };
}

/** Two layers may be the same tree. */
function byTree(row: LayerRow): [string, LayerRow] {
  return [`${row.state} ${row.diffId ?? row.digest}`, row];
}

function blobPiece({ state, digest, sizeBytes }: BlobRow): Piece[] {
  return state === "present" && sizeBytes !== null ? [{ kind: "blob", digest, sizeBytes }] : [];
}

function layerPiece({ state, digest, form, diffId, sizeBytes }: LayerRow): Piece[] {
  if (state !== "present" || diffId === null || sizeBytes === null) return [];
  return [{ kind: "layer", digest, form, diffId, sizeBytes }];
}

function knownBlob({ state, digest }: BlobRow): Damage[] {
  if (state !== "damaged") return [];
  return [
    { piece: { kind: "blob", digest }, reason: blobDamaged(digest, "was found damaged, and is not fetched again yet") },
  ];
}

function knownTree({ state, digest, form }: LayerRow): Damage[] {
  return state === "damaged" ? [{ piece: { kind: "layer", digest, form }, reason: treeKnownDamaged(digest) }] : [];
}
