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
  const before = around.fingerprint();
  const outcome = await unpacking.unpack(blob, hostile.limits === undefined ? {} : { limits: hostile.limits }).then(
    ({ name }) => name,
    (error: unknown) => error,
  );
  try {
    expect(around.fingerprint()).toEqual(before);
    if (typeof outcome === "string") expectTree(join(unpacking.root, "tmp", outcome), hostile);
    else expectRefusal(outcome, hostile);
    expect(around.staged()).toEqual(typeof outcome === "string" ? [outcome] : []);
  } finally {
    if (typeof outcome === "string") await unpacking.trees.discard(outcome);
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
