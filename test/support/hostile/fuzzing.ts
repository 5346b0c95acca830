import * as fc from "fast-check";
import type { HostileCases, Targets } from "./hostile-case.ts";

/** Archives larger than this say nothing more when they are changed, and take their time. */
const MAX_BYTES = 2 ** 20;

/** Seconds to try for: `IMGSTORE_FUZZ_S`, or so many. */
export function fuzzSeconds(usual: number): number {
  return Number(process.env["IMGSTORE_FUZZ_S"] ?? usual);
}

/**
 * Tries a property until the time is over. The seed is printed, and with a failure what it was shrunk to;
 * `IMGSTORE_FUZZ_SEED` tries the same again.
 */
export async function fuzz<T>(property: fc.IAsyncProperty<T> | fc.IProperty<T>, seconds: number): Promise<void> {
  const seed = Number(process.env["IMGSTORE_FUZZ_SEED"] ?? Date.now() % 2 ** 31);
  console.log(`fuzzing for ${seconds} s: IMGSTORE_FUZZ_SEED=${seed}`);
  await fc.assert(property, {
    seed,
    numRuns: Number.MAX_SAFE_INTEGER,
    interruptAfterTimeLimit: seconds * 1000,
    markInterruptAsFailure: false,
  });
}

/** The archives to begin with: all cases' but the large ones. */
export function archivesOf(classes: Readonly<Record<string, HostileCases>>, targets: Targets): Uint8Array[] {
  const cases = Object.values(classes).flatMap((toCases) => toCases(targets));
  return cases.flatMap(({ archive }) =>
    archive instanceof Uint8Array && archive.length <= MAX_BYTES ? [archive] : [],
  );
}
