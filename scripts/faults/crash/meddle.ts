import { closeSync, mkdirSync, openSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { unmountAt } from "../../../adapters/linux/mount-api.ts";
import type { Scenario } from "./scenarios.ts";

/** Does to a store's files, behind its back, what a scenario wants; the way to let go of what is held. */
export function meddle(root: string, what: Scenario["meanwhile"]): () => void {
  const mountPoint = join(root, "active", "a");
  switch (what) {
    case "unmount":
      unmountAt(mountPoint, false);
      break;
    case "lose-staging":
      for (const name of readdirSync(join(root, "tmp"))) rmSync(join(root, "tmp", name), { recursive: true });
      break;
    case "lose-layer":
      for (const name of readdirSync(join(root, "images"))) rmSync(join(root, "images", name), { recursive: true });
      break;
    case "hold-mount": {
      const held = openSync(mountPoint, "r");
      return () => closeSync(held);
    }
    case "occupy-mount-point":
      mkdirSync(mountPoint, { recursive: true });
      writeFileSync(join(mountPoint, "foreign"), "");
      return () => rmSync(mountPoint, { recursive: true });
    case undefined:
  }
  return () => {};
}
