import { existsSync } from "node:fs";
import { join } from "node:path";
import { openFileDatabase } from "../../../adapters/libsql/file.ts";
import { createImageRows } from "../../../adapters/libsql/image-rows.ts";
import { createWorkRows } from "../../../adapters/libsql/work-rows.ts";
import { hexOf } from "../../../core/digests.ts";
import { NEXT_MOVES } from "../../../core/lifecycle/next-move.ts";
import type { ImageRows, Placement } from "../../../core/ports/image-rows.ts";
import { auditFiles } from "./audit-files.ts";
import { auditHistory } from "./audit-history.ts";
import { auditMounts } from "./audit-mounts.ts";
import { differences } from "./describe-tree.ts";
import { usersOf } from "./users-of.ts";

export interface ExpectedImage {
  readonly name: string;
  /** Where it has to rest; null: it has to be gone. */
  readonly state: Placement["state"] | null;
  /** A directory with the tree that its layer has to be, where it has one layer. */
  readonly tree?: string;
}

export interface AuditedStore {
  readonly root: string;
  readonly node: string;
  /** Whether garbage has been collected: then nothing may be there that no row speaks of. */
  readonly isCollected: boolean;
}

/**
 * Holds a store that nobody works at to its promises: every row at its target or FAILED with a reason, history coherent,
 * each row's files there and right, and no file, mount or process without a row that speaks of it.
 * @returns what is wrong, a sentence each; empty when nothing is
 */
export async function auditStore(store: AuditedStore, expected: readonly ExpectedImage[]): Promise<string[]> {
  const database = await openFileDatabase(`${store.root}/imgstore.db`);
  try {
    const images = createImageRows(database, store.node);
    const placements = await allPlacements(images);
    const inventory = await createWorkRows(database, store.node).inventory();
    const [[integrity] = []] = await database.read([{ sql: "PRAGMA integrity_check", args: {} }]);
    return [
      ...(integrity?.["integrity_check"] === "ok" ? [] : [`the database is damaged: ${JSON.stringify(integrity)}`]),
      ...expected.flatMap((image) => auditState(image, placements)),
      ...placements.flatMap(auditRest),
      ...(await auditHistory(images, placements)),
      ...auditFiles(store, placements, inventory),
      ...expected.flatMap((image) => auditTree(store.root, image, placements)),
      ...(await auditMounts(store.root, placements)),
      ...usersOf(store.root).map((user) => `${user} still uses the store`),
    ];
  } finally {
    await database.close();
  }
}

async function allPlacements(images: ImageRows): Promise<Placement[]> {
  const { placements } = await images.list({ limit: 100_000 });
  return placements;
}

function auditState({ name, state }: ExpectedImage, placements: readonly Placement[]): string[] {
  const found = placements.find((placement) => placement.name === name)?.state ?? null;
  if (found === state) return [];
  return [`"${name}" is ${found ?? "gone"}, and should be ${state ?? "gone"}`];
}

function auditTree(root: string, { name, tree }: ExpectedImage, placements: readonly Placement[]): string[] {
  const diffId = placements.find((placement) => placement.name === name)?.layers[0]?.diffId;
  if (tree === undefined || diffId === undefined || diffId === null) return [];
  const path = join(root, "images", hexOf(diffId));
  if (!existsSync(path)) return [`the tree of "${name}" is not there`];
  const found = differences(path, tree);
  return found.map((difference) => `the tree of "${name}": ${difference}`);
}

function auditRest({ name, state, target, leaseOwner, dueAtMs, error }: Placement): string[] {
  if (NEXT_MOVES[target][state] !== null) return [`"${name}" is ${state} on its way to ${target}`];
  const findings: string[] = [];
  if (leaseOwner !== null) findings.push(`"${name}" is held by ${leaseOwner}`);
  if (dueAtMs !== null) findings.push(`"${name}" is ${state} and still due`);
  if (state === "FAILED" && error === null) findings.push(`"${name}" is FAILED without a reason`);
  return findings;
}
