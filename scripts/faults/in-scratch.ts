import { scratchDirectory } from "../scratch-directory.ts";
import { removeRun } from "./crash/crash-matrix.ts";

/**
 * Runs what mounts file systems in a directory of its own, and removes that with all that is mounted in it.
 * @param parents as of scratchDirectory
 */
export async function inScratch(
  run: (directory: string) => Promise<number>,
  parents?: readonly string[],
): Promise<number> {
  const directory = process.getuid?.() === 0 ? await scratchDirectory("faults", parents) : null;
  if (directory === null) {
    console.error("this mounts overlays: only root may, and only on a file system that their uppers may lie on");
    return 2;
  }
  try {
    return await run(directory);
  } finally {
    await removeRun(directory);
  }
}
