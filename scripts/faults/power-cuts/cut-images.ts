import { closeSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { copySparse } from "./file-systems.ts";
import type { DiskHistory } from "./log-disk.ts";
import { type PowerCut, remainsOf } from "./power-cut.ts";

export interface CutImage {
  readonly cut: PowerCut;
  /** The disk as the power cut left it, the caller's to remove. */
  readonly imagePath: string;
}

/**
 * The disk after each of the cuts, made when it is asked for.
 * @param cuts in the order of the log: one disk is written on from each to the next, and copied
 * @param directory where the images are made, best on a tmpfs
 */
export async function* cutImages(
  { basePath, events }: DiskHistory,
  cuts: readonly PowerCut[],
  directory: string,
): AsyncGenerator<CutImage> {
  const flushedPath = join(directory, "flushed.img");
  await copySparse(basePath, flushedPath);
  let applied = 0;
  for (const [index, cut] of cuts.entries()) {
    const { flushedEvents, writes } = remainsOf(events, cut);
    const flushed = events.slice(applied, flushedEvents).filter((event) => event.kind === "write");
    writeAll(flushedPath, flushed);
    applied = Math.max(applied, flushedEvents);
    const imagePath = join(directory, `cut-${index}.img`);
    await copySparse(flushedPath, imagePath);
    writeAll(imagePath, writes);
    yield { cut, imagePath };
  }
}

function writeAll(path: string, writes: readonly { readonly offset: number; readonly data: Buffer }[]): void {
  const fd = openSync(path, "r+");
  try {
    for (const { offset, data } of writes) writeSync(fd, data, 0, data.length, offset);
  } finally {
    closeSync(fd);
  }
}
