import { expect, test } from "vitest";
import { edges } from "../../core/lifecycle/image.ts";
import { runFills } from "../../scripts/faults/fill-the-disk/run-fills.ts";

/** Of about thirteen hundred fault points. */
const FILLS = [
  { fileSystem: "ext4", resource: "bytes", steps: 8 },
  { fileSystem: "ext4", resource: "inodes", steps: 6 },
  { fileSystem: "tmpfs", resource: "bytes", steps: 4 },
  { fileSystem: "btrfs", resource: "bytes", steps: 6 },
] as const;

test("a store whose disk becomes full at fault points of every move goes on by itself when there is room", async () => {
  const report = await runFills({ directory: "/dev/shm", fills: FILLS, seed: 1, concurrency: 3 });
  const reached = report.fills.filter(({ isReached }) => isReached);
  const seen = report.fills.filter(({ isSeen }) => isSeen);
  console.log(`${report.points} fault points, ${reached.length} fills, ${seen.length} of which something failed of`);
  expect(report.findings).toEqual([]);
  expect(reached.length).toBeGreaterThan(20);
  expect(new Set(seen.map(({ fileSystem, resource }) => `${fileSystem} ${resource}`)).size).toBe(FILLS.length);
  const missing = edges().filter((edge) => !report.edges.has(edge.join(" ")));
  expect(missing).toEqual([]);
}, 180_000);
