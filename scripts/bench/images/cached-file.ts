import { lstat, mkdir, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";

/**
 * A file that takes long to make, made by whoever asks first and kept for later runs, in a directory of the temporary
 * one; never half there.
 * @param make writes it to the path it is given
 */
export async function cachedFile(name: string, make: (path: string) => Promise<void>): Promise<string> {
  const path = `${await cacheDirectory()}/${name}`;
  if (await isFile(path)) return path;
  console.error(`making ${path} …`);
  const unfinished = `${path}.${process.pid}.tmp`;
  try {
    await make(unfinished);
    await rename(unfinished, path);
  } finally {
    await rm(unfinished, { force: true });
  }
  return path;
}

/** Ours alone: what another user may have put there is not taken for an image. */
async function cacheDirectory(): Promise<string> {
  const directory = `${tmpdir()}/imgstore-bench-cache-${process.getuid?.() ?? 0}`;
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const found = await lstat(directory);
  if (!found.isDirectory() || found.uid !== process.getuid?.()) throw new Error(`"${directory}" is not ours`);
  return directory;
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await lstat(path)).isFile();
  } catch {
    return false; // not made yet
  }
}
