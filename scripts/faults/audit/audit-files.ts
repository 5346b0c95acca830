import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { type Digest, hexOf } from "../../../core/digests.ts";
import type { Placement } from "../../../core/ports/image-rows.ts";
import type { WorkRows } from "../../../core/ports/work-rows.ts";
import type { AuditedStore } from "./audit-store.ts";

type Inventory = Awaited<ReturnType<WorkRows["inventory"]>>;

/** Whether rows and files of a store say the same, and blobs have their digests. */
export function auditFiles(
  { root, isCollected }: AuditedStore,
  placements: readonly Placement[],
  { blobs, layers }: Inventory,
): string[] {
  const present = blobs.filter(({ state }) => state === "present");
  const trees = layers.filter(({ state }) => state === "present");
  return [
    ...[...blobs, ...layers].flatMap(({ digest, state }) =>
      state === "removing" || (isCollected && state === "working") ? [`the row of ${digest} is still ${state}`] : [],
    ),
    ...present.flatMap(({ digest, sizeBytes }) => auditBlob(join(root, "blobs", hexOf(digest)), digest, sizeBytes)),
    ...trees.flatMap(({ digest, diffId }) =>
      diffId !== null && existsSync(join(root, "images", hexOf(diffId)))
        ? []
        : [`the tree of layer ${digest} is not there`],
    ),
    ...(isCollected ? strays(root, "blobs", new Set(present.map(({ digest }) => hexOf(digest)))) : []),
    ...(isCollected ? strays(root, "images", new Set(trees.flatMap(({ diffId }) => diffId?.slice(7) ?? []))) : []),
    ...strays(root, "overlays", new Set(placements.map(({ name }) => name))),
    ...strays(root, "tmp", new Set(layers.map(({ staged }) => staged?.name ?? ""))),
    ...placements.flatMap((placement) => auditReferences(placement, trees)),
  ];
}

/** Whether a blob is under its path, whole. */
export function auditBlob(path: string, digest: Digest, sizeBytes: number | null): string[] {
  if (!existsSync(path)) return [`the blob ${digest} is not there`];
  if (statSync(path).size !== sizeBytes) return [`the blob ${digest} has another size than its row says`];
  const found = createHash("sha256").update(readFileSync(path)).digest("hex");
  return found === hexOf(digest) ? [] : [`the bytes of blob ${digest} are not its own`];
}

function strays(root: string, folder: string, known: ReadonlySet<string>): string[] {
  const path = join(root, folder);
  if (!existsSync(path)) return [];
  return readdirSync(path)
    .filter((name) => !known.has(name))
    .map((name) => `${folder}/${name} is a stray`);
}

function auditReferences({ name, state, layers }: Placement, trees: Inventory["layers"]): string[] {
  if (state !== "STORED" && state !== "ACTIVE") return [];
  const present = new Set(trees.map(({ digest }) => digest));
  if (layers.length === 0) return [`"${name}" is ${state} and has no layers`];
  return layers.flatMap(({ digest }) =>
    present.has(digest) ? [] : [`"${name}" is ${state} without its layer ${digest}`],
  );
}
