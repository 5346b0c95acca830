import * as fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import { ImgstoreError } from "../../core/errors.ts";
import { archivesOf, fuzz, fuzzSeconds } from "../support/hostile/fuzzing.ts";
import { largestChildBytes } from "../support/hostile/largest-child.ts";
import { mutated, recipe } from "../support/hostile/mutations.ts";
import { Surroundings } from "../support/hostile/surroundings.ts";
import { HOSTILE_CASES } from "./cases/all.ts";

const SECONDS = fuzzSeconds(20);
/** An archive of that size is unpacked in a moment: what takes longer hangs. */
const HANG_MS = 60_000;
/** What the process that unpacks may need, its runtime included. */
const MAX_CHILD_BYTES = 200 * 2 ** 20;
/** What no archive may end in: these are about this program or this machine. */
const NO_REFUSALS = ["INTERNAL", "IO_ERROR", "NO_SPACE", "NO_PRIVILEGE", "EXTRACTOR_DIED", "INTERRUPTED", "BLOB_LOST"];

const around = new Surroundings();
const archives = archivesOf(HOSTILE_CASES, around.targets);

afterAll(() => around.remove());

test(
  "no archive, changed however, escapes, hangs, crashes, takes memory without bound or leaves anything behind",
  async () => {
    let unpacked = 0;
    const property = fc.asyncProperty(recipe, async (how) => {
      const blob = around.unpacking.store(mutated(archives, how));
      const outcome = await around.unpacking
        .unpack(blob, { signal: AbortSignal.timeout(HANG_MS), limits: { maxUnpackedBytes: 2 ** 28 } })
        .catch((error: unknown) => error);
      around.expectUntouched();
      if (outcome instanceof Error) {
        // an error without a code is no refusal: shown as it is
        if (!(outcome instanceof ImgstoreError) || NO_REFUSALS.includes(outcome.code)) throw outcome;
        expect(around.staged()).toEqual([]);
      } else {
        unpacked++;
        for (const name of around.staged()) await around.unpacking.trees.discard(name);
      }
    });
    await fuzz(property, SECONDS);
    expect(unpacked).toBeGreaterThan(0);
    expect(largestChildBytes()).toBeLessThan(MAX_CHILD_BYTES);
  },
  SECONDS * 1000 + 2 * HANG_MS,
);
