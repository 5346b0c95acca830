import { LAYER_FORMS } from "../../core/lifecycle/work.ts";
import type { DamageRows, Piece } from "../../core/ports/damage-rows.ts";
import type { Database, Row } from "./database.ts";
import { digest, hasLastRow, integer, oneOf } from "./row-values.ts";
import * as damage from "./statements/damage.ts";
import * as verification from "./statements/verification.ts";

/** What is damaged, and what is to be looked over, of a node in a migrated database. */
export function createDamageRows(database: Database, node: string): DamageRows {
  return {
    damageBlob: async (blob) => hasLastRow(await database.batch([damage.damageBlob(node, blob)])),
    damageLayer: async (layer, form, reason) =>
      hasLastRow(await database.batch(damage.damageLayer(node, layer, form, reason))),
    fetchAgain: async (blob, reason) => {
      await database.batch([damage.fetchAgain(node, blob, reason)]);
    },
    isReplacedTreeUsed: async (diffId) => hasLastRow(await database.read([damage.isReplacedTreeUsed(node, diffId)])),
    nextToVerify: async (form, everyMs) => {
      const [row] = (await database.read([verification.nextToVerify(node, form, everyMs)])).flat();
      return row === undefined ? null : toPiece(row);
    },
    noteVerified: async (piece, restMs) => {
      await database.batch(verification.noteVerified(node, piece, restMs));
    },
  };
}

function toPiece(row: Row): Piece {
  const [blob, sizeBytes] = [digest(row, "digest"), integer(row, "size_bytes")];
  if (row["form"] === null) return { kind: "blob", digest: blob, sizeBytes };
  return {
    kind: "layer",
    digest: blob,
    form: oneOf(row, "form", LAYER_FORMS),
    diffId: digest(row, "diff_id"),
    sizeBytes,
  };
}
