import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { removeRun } from "./crash-matrix.ts";
import { type Fixtures, makeFixtures } from "./fixtures.ts";

/**
 * Runs what needs images, which lie in `images` of its directory and are served meanwhile.
 * @param home removed after it, with all that is mounted in it
 */
export async function withFixtures<T>(home: string, run: (fixtures: Fixtures) => Promise<T>): Promise<T> {
  const images = join(home, "images");
  mkdirSync(images);
  const fixtures = await makeFixtures(images);
  try {
    return await run(fixtures);
  } finally {
    await fixtures.close();
    await removeRun(home);
  }
}
