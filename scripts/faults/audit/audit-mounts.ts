import { readdirSync } from "node:fs";
import { join } from "node:path";
import { readMountTable } from "../../../adapters/linux/mount-table.ts";
import type { Placement } from "../../../core/ports/image-rows.ts";

/** Whether exactly the ACTIVE images are mounted, once each, and no other mount point is left. */
export async function auditMounts(root: string, placements: readonly Placement[]): Promise<string[]> {
  const mounted = (await readMountTable())
    .map(({ mountPoint }) => mountPoint)
    .filter((at) => at.startsWith(`${root}/`));
  const wanted = placements.filter(({ state }) => state === "ACTIVE").map(({ name }) => join(root, "active", name));
  const points = readdirSync(join(root, "active")).map((name) => join(root, "active", name));
  return [
    ...mounted.filter((at) => !wanted.includes(at)).map((at) => `"${at}" is a stray mount`),
    ...wanted.flatMap((at) => {
      const times = mounted.filter((other) => other === at).length;
      return times === 1 ? [] : [`"${at}" is mounted ${times} times`];
    }),
    ...points.filter((at) => !wanted.includes(at)).map((at) => `"${at}" is a stray mount point`),
  ];
}
