import { expect, test } from "vitest";
import { runChaos } from "../../scripts/faults/chaos/run-chaos.ts";

test("workers that are killed and stopped at random bring every image to ACTIVE, and leave nothing", async () => {
  const options = { workers: 3, images: 24, seconds: 8, leaseMs: 1000, seed: 1 };
  const { kills, stops, takeOversMs, findings } = await runChaos({ directory: "/dev/shm", ...options });
  console.log(`${options.images} images, ${kills} kills, ${stops} stops, ${takeOversMs.length} take-overs`);
  expect(findings).toEqual([]);
  expect(kills).toBeGreaterThan(2);
  expect(stops).toBeGreaterThan(2);
}, 180_000);
