import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { Budget } from "../../../core/archive/budget.ts";
import { EntryParser } from "../../../core/archive/entries.ts";
import { planEntry } from "../../../core/archive/plan.ts";
import { ImgstoreError } from "../../../core/errors.ts";
import { DEFAULT_LIMITS } from "../../../core/limits.ts";
import { HOSTILE_CASES } from "../../security/cases/all.ts";
import { archivesOf, fuzz, fuzzSeconds } from "../../support/hostile/fuzzing.ts";
import { mutated, recipe } from "../../support/hostile/mutations.ts";

const SECONDS = fuzzSeconds(5);
const outside = join(tmpdir(), "outside");
const archives = archivesOf(HOSTILE_CASES, {
  secret: join(outside, "secret"),
  outside,
  elsewhere: "/dev/shm/x",
  nowhere: "/nowhere",
});
const REFUSALS = ["NOT_A_TAR", "EMPTY_ARCHIVE", "CORRUPT_ARCHIVE", "UNSAFE_ARCHIVE", "LIMIT_EXCEEDED"];

/** What is planned for an archive that comes in pieces, and how it ends. */
function plans(bytes: Uint8Array, pieceBytes: number): string[] {
  const said: string[] = [];
  const budget = new Budget({ ...DEFAULT_LIMITS, maxUnpackedBytes: 2 ** 28 }, () => bytes.length);
  let written = 0;
  const sink = {
    begin: (entry: Parameters<typeof planEntry>[0]): void => {
      const plan = planEntry(entry, budget);
      const path = "path" in plan ? Buffer.from(plan.path.bytes).toString("latin1") : "";
      expect(path.split("/")).not.toContain("..");
      expect(path.startsWith("/")).toBe(false);
      said.push(`${plan.kind} ${path} ${entry.offset}`);
      written = 0;
    },
    content: (_: Uint8Array, start: number, end: number): void => void (written += end - start),
    end: (): void => void said.push(`${written}`),
  };
  try {
    const parser = new EntryParser(sink, budget);
    for (let at = 0; at < bytes.length; at += pieceBytes) parser.push(bytes.subarray(at, at + pieceBytes));
    parser.finish();
  } catch (error) {
    if (!(error instanceof ImgstoreError)) throw error;
    expect(REFUSALS).toContain(error.code);
    said.push(`${error.code}: ${error.message}`);
  }
  return said;
}

test(
  "whatever an archive says, it ends in plans below the root or in a refusal, the same in whatever pieces it comes",
  async () => {
    const property = fc.property(recipe, fc.integer({ min: 1, max: 1500 }), (how, pieceBytes) => {
      const bytes = mutated(archives, { ...how, isCompressed: false, isLarge: false });
      expect(plans(bytes, pieceBytes)).toEqual(plans(bytes, bytes.length + 1));
    });
    await fuzz(property, SECONDS);
  },
  SECONDS * 1000 + 60_000,
);
