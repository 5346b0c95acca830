import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { openFileDatabase } from "../../../adapters/libsql/file.ts";
import { createImageRows } from "../../../adapters/libsql/image-rows.ts";
import { createWorkRows } from "../../../adapters/libsql/work-rows.ts";
import { hexOf } from "../../../core/digests.ts";
import type { Placement } from "../../../core/ports/image-rows.ts";
import type { LayerRow } from "../../../core/ports/work-rows.ts";
import { auditBlob } from "../audit/audit-files.ts";
import { differences } from "../audit/describe-tree.ts";
import type { Promises, UserFile } from "./promises.ts";
import type { References } from "./references.ts";

export interface CutStore {
  readonly root: string;
  readonly node: string;
  readonly promises: Promises;
  readonly references: References;
}

/**
 * Holds a store to what its rows say of the disk, and to what its callers were told, as it lies there after a power cut,
 * before anybody works at it.
 * @returns what is wrong, a sentence each; empty when nothing is
 */
export async function auditCut(store: CutStore): Promise<string[]> {
  const { root, node, promises } = store;
  if (!existsSync(join(root, "imgstore.db"))) {
    return promises.images.map(({ name }) => `"${name}" is gone with the whole database`);
  }
  const database = await openFileDatabase(join(root, "imgstore.db"));
  try {
    const { placements } = await createImageRows(database, node).list({ limit: 100_000 });
    const { blobs, layers } = await createWorkRows(database, node).inventory();
    const present = new Set(blobs.filter(({ state }) => state === "present").map(({ digest }) => digest));
    return [
      ...auditPromises(placements, promises),
      ...blobs.flatMap(({ digest, state, sizeBytes }) =>
        state === "present" ? auditBlob(join(root, "blobs", hexOf(digest)), digest, sizeBytes) : [],
      ),
      ...layers.flatMap((layer) => auditLayer(store, layer)),
      ...placements.flatMap((placement) => auditPieces(placement, present, layers)),
      ...auditUserFiles(root, promises),
    ];
  } finally {
    await database.close();
  }
}

function auditPromises(placements: readonly Placement[], { images, gone }: Promises): string[] {
  const missing = images.filter(
    ({ name, createdAtMs, version }) =>
      !placements.some((row) => row.name === name && row.createdAtMs === createdAtMs && row.version >= version),
  );
  const back = gone.filter(({ createdAtMs }) => placements.some((row) => row.createdAtMs === createdAtMs));
  return [
    ...missing.map(
      ({ name, state, version }) => `"${name}" is not ${state} (version ${version}), as somebody was told`,
    ),
    ...back.map(({ name }) => `"${name}" is there again, and somebody was told that it is gone`),
  ];
}

/** The whole tree of a layer, where its row says that there is one. */
function auditLayer({ root, references }: CutStore, { digest, state, diffId, staged }: LayerRow): string[] {
  if (state !== "present" && state !== "staged") return [];
  const id = staged?.diffId ?? diffId;
  const reference = id === null ? undefined : references[id];
  if (id === null || reference === undefined) return [`the layer ${digest} is ${state} as ${id}, which nobody knows`];
  const published = join(root, "images", hexOf(id));
  const path =
    staged === null || !existsSync(join(root, "tmp", staged.name)) ? published : join(root, "tmp", staged.name);
  if (!existsSync(path)) return [`the tree of layer ${digest}, which is ${state}, is not there`];
  return differences(path, reference).map((difference) => `the ${state} tree of layer ${digest}: ${difference}`);
}

const NEEDS_BLOBS = new Set(["DOWNLOADED", "UNPACKING", "UNPACKED"]);
const NEEDS_TREES = new Set(["UNPACKED"]);
const NEEDS_PUBLISHED = new Set(["STORED", "ACTIVATING", "ACTIVE", "DEACTIVATING"]);

/** Whether the rows of what an image consists of say what its state says. */
function auditPieces(
  { name, state, layers }: Placement,
  blobs: ReadonlySet<string>,
  rows: readonly LayerRow[],
): string[] {
  const isIn = (digest: string, states: readonly string[]): boolean =>
    rows.some((row) => row.digest === digest && states.includes(row.state));
  return layers.flatMap(({ digest }) => {
    if (NEEDS_BLOBS.has(state) && !blobs.has(digest)) return [`"${name}" is ${state} without its blob ${digest}`];
    // damaged: the row says so itself
    const needed = NEEDS_TREES.has(state) ? ["staged", "present"] : ["present", "damaged"];
    if ((NEEDS_TREES.has(state) || NEEDS_PUBLISHED.has(state)) && !isIn(digest, needed)) {
      return [`"${name}" is ${state} without the tree of ${digest}`];
    }
    return [];
  });
}

/** What a user wrote and synced; and what he was told is gone. */
function auditUserFiles(root: string, { files, goneFiles }: Promises): string[] {
  return [
    ...files.flatMap((file) => {
      const found = readUserFile(root, file);
      return found === file.text ? [] : [`${file.path} of "${file.name}" is ${found ?? "lost"}, and was synced`];
    }),
    ...goneFiles.flatMap((file) =>
      readUserFile(root, file) === null ? [] : [`${file.path} of "${file.name}" is back, and was dropped`],
    ),
  ];
}

function readUserFile(root: string, { name, path }: UserFile): string | null {
  const at = join(root, "overlays", name, "upper", path);
  return existsSync(at) ? readFileSync(at, "utf8") : null;
}
