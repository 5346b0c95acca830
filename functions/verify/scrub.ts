import type { StopSignal } from "../../core/ports/abort-signal.ts";
import type { Engine } from "../engine.ts";
import { dropLeftTrees } from "./left-trees.ts";
import { markDamaged } from "./repair.ts";
import { type Finding, Verifier } from "./verifier.ts";

/** What was looked over is looked over again after this, in milliseconds: a week. */
const SCRUB_EVERY_MS = 7 * 86_400_000;

/** After what nothing could be said of, in milliseconds. */
const REST_AFTER_NOTHING_MS = 60_000;

/**
 * Looks over the one blob or tree that nobody looked at for the longest, where that is long ago, and marks what is
 * damaged: images rely no more on such a tree, and are unpacked again by themselves. After it the node rests for as long
 * as the bytes take at the rate of the settings, whoever looks next. A damaged blob is only not trusted any more: as long
 * as the trees are right, nobody needs it.
 * @returns how long it rests after what it looked at, in milliseconds; null where there was nothing, or no time
 */
export async function scrub(engine: Engine, signal: StopSignal): Promise<number | null> {
  const rate = engine.settings.scrubBytesPerSecond;
  if (rate === 0) return null;
  const disk = await engine.disk();
  const piece = await engine.work.nextToVerify(disk.layers.form, SCRUB_EVERY_MS);
  if (piece === null) return null;
  return disk.locks.alone("verify", async () => {
    await dropLeftTrees(disk);
    const finding = await lookUntil(signal, new Verifier(engine, disk, signal).look(piece));
    if (finding === null) return null;
    if (finding.kind === "damaged") {
      await markDamaged(engine, { piece, reason: finding.reason });
      engine.inFlight.wake();
    }
    const restMs = finding.kind === "unverified" ? REST_AFTER_NOTHING_MS : restAfter(piece.sizeBytes, rate);
    await engine.work.noteVerified(piece, restMs);
    return restMs;
  });
}

/** Null where the look was interrupted: the piece stays the next one. */
async function lookUntil(signal: AbortSignal, look: Promise<Finding>): Promise<Finding | null> {
  try {
    return await look;
  } catch (error) {
    if (signal.aborted) return null;
    throw error;
  }
}

function restAfter(sizeBytes: number, bytesPerSecond: number): number {
  return Math.max(1, Math.ceil((1000 * sizeBytes) / bytesPerSecond));
}
