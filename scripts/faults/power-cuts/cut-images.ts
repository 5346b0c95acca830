import { closeSync, mkdirSync, openSync, rmdirSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { copySparse, type FileSystem, mountImage, unmountAll } from "./file-systems.ts";
import type { DiskHistory } from "./log-disk.ts";
import { type PowerCut, remainsOf } from "./power-cut.ts";

export interface CutImage {
  readonly cut: PowerCut;
  readonly fileSystem: FileSystem;
  /** The disk as the power cut left it; `withPowerBack` removes it. */
  readonly imagePath: string;
}

/**
 * The disk after each of the cuts, made when it is asked for.
 * @param cuts in the order of the log: one disk is written on from each to the next, and copied
 * @param directory where the images are made, best on a tmpfs
 */
export async function* cutImages(
  { fileSystem, basePath, events }: DiskHistory,
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
    yield { cut, fileSystem, imagePath };
  }
}

/**
 * Mounts what a power cut left, whereby the file system sees to its journal, and removes it afterwards with all that was
 * mounted on it.
 * @throws where it cannot be mounted
 */
export async function withPowerBack<T>(
  { fileSystem, imagePath }: CutImage,
  use: (mountPoint: string) => Promise<T>,
): Promise<T> {
  const mountPoint = `${imagePath}.mount`;
  mkdirSync(mountPoint);
  try {
    await mountImage(fileSystem, { imagePath, mountPoint, isDirect: false });
    return await use(mountPoint);
  } finally {
    await unmountAll(mountPoint);
    rmdirSync(mountPoint);
    rmSync(imagePath);
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
