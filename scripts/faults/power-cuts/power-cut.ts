import { randomFrom } from "../shuffled.ts";
import type { DiskEvent } from "./disk-log.ts";

/** When the power goes, and what of the disk's cache is lost with it. */
export interface PowerCut {
  /** So many events came before it. */
  readonly at: number;
  /** Decides which of the writes that were not flushed are on the disk, */
  readonly seed: number;
  /** and this, how large a part of them: from 0 to 1. */
  readonly kept: number;
  /** Whether some of those are there with their first sectors only. */
  readonly isTorn: boolean;
  /** So many of the last flushes before it were not made: 0 for a disk that keeps its word. */
  readonly ignoredFlushes: number;
}

/** What is on the disk after a power cut. */
export interface Remains {
  /** Of the first so many events every write is there. */
  readonly flushedEvents: number;
  /** What else is there. */
  readonly writes: readonly { readonly offset: number; readonly data: Buffer }[];
}

/** Cuts all over what the disk was told, in its order. */
export function choosePowerCuts(
  events: readonly DiskEvent[],
  { count, seed, ignoredFlushes = 0 }: { count: number; seed: number; ignoredFlushes?: number },
): PowerCut[] {
  const random = randomFrom(seed);
  return Array.from({ length: count }, (_, index) => ({
    at: Math.min(events.length, 1 + Math.floor(((index + random()) / count) * events.length)),
    seed: Math.floor(random() * 2 ** 31),
    kept: 0.5,
    isTorn: index % 3 === 0,
    ignoredFlushes,
  }));
}

/**
 * Cuts at given moments, each about as often as the others, in their order; half of them lose all that was not flushed.
 * @param moments so many events come before each
 */
export function choosePowerCutsAt(
  moments: readonly number[],
  { count, seed, ignoredFlushes = 0 }: { count: number; seed: number; ignoredFlushes?: number },
): PowerCut[] {
  const random = randomFrom(seed);
  return Array.from({ length: count }, (_, index) => ({
    at: moments[Math.floor((index * moments.length) / count)] ?? 0,
    seed: Math.floor(random() * 2 ** 31),
    kept: index % 2 === 0 ? 0 : 0.5,
    isTorn: false,
    ignoredFlushes,
  }));
}

/** Right after the last event, and whatever was not flushed is lost. */
export function worstPowerCut(events: readonly DiskEvent[]): PowerCut {
  return { at: events.length, seed: 0, kept: 0, isTorn: false, ignoredFlushes: 0 };
}

/** What a disk may lose is what came after its last flush: of that, each write is there or not. */
export function remainsOf(events: readonly DiskEvent[], cut: PowerCut): Remains {
  const random = randomFrom(cut.seed);
  const flushedEvents = lastFlush(events, cut);
  const unflushed = events.slice(flushedEvents, cut.at).filter((event) => event.kind === "write");
  const there = unflushed.filter(() => random() < cut.kept);
  const writes = there.map(({ offset, data }) => ({
    offset,
    data: cut.isTorn && random() < 0.3 ? firstSectors(data, random()) : data,
  }));
  return { flushedEvents, writes };
}

function lastFlush(events: readonly DiskEvent[], { at, ignoredFlushes }: PowerCut): number {
  let ignored = 0;
  for (let index = at - 1; index >= 0; index -= 1) {
    if (events[index]?.kind !== "flush") continue;
    if (ignored === ignoredFlushes) return index;
    ignored += 1;
  }
  return 0;
}

const SECTOR_BYTES = 512;

function firstSectors(data: Buffer, share: number): Buffer {
  return data.subarray(0, Math.floor((share * data.length) / SECTOR_BYTES) * SECTOR_BYTES);
}
