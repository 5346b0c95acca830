import { join } from "node:path";
import { expect } from "vitest";
import { ImgstoreError } from "../../../core/errors.ts";
import { archiveOf, type HostileCase } from "./hostile-case.ts";
import type { Surroundings } from "./surroundings.ts";
import { summaryOf } from "./tree-summary.ts";

/** Unpacks the archive of a case for real: what must come of it comes of it, and nothing else anywhere. */
export async function unpackCase(around: Surroundings, hostile: HostileCase): Promise<void> {
  const { unpacking } = around;
  const blob = unpacking.store(archiveOf(hostile));
  const name = unpacking.nextName();
  const error = await unpacking.unpack(blob, { name, limits: hostile.limits ?? {} }).then(
    () => null,
    (thrown: unknown) => thrown,
  );
  try {
    around.expectUntouched();
    expect(around.staged().filter((staged) => staged.startsWith(name))).toEqual(error === null ? [name] : []);
    if (error === null) expectTree(join(unpacking.root, "tmp", name), hostile);
    else expectRefusal(error, hostile);
  } finally {
    await unpacking.trees.discard(name);
  }
}

function expectTree(tree: string, { outcome }: HostileCase): void {
  const found = summaryOf(tree);
  if (outcome.kind === "refused") throw new Error(`it was unpacked: ${JSON.stringify(found)}`);
  expect(found).toEqual(outcome.tree);
}

function expectRefusal(error: unknown, { outcome }: HostileCase): void {
  if (!(error instanceof ImgstoreError) || outcome.kind === "accepted") throw error;
  expect(`${error.code}: ${error.message}`).toMatch(new RegExp(`^${outcome.code}: `));
  for (const words of outcome.says) expect(error.message).toContain(words);
  expect(error.message).toMatch(/^cannot [^\p{Cc}]+$/u);
  expect(error.hint).toMatch(error.code === "LIMIT_EXCEEDED" ? /^raise IMGSTORE_MAX_[A-Z_]+ if/ : /^[^\p{Cc}]+$/u);
}
