import { shown } from "../../../core/archive/bytes.ts";
import type { Plan } from "../../../core/archive/plan.ts";
import { type Place, refusal } from "../../../core/archive/refusal.ts";
import { nameIn, parentOf } from "../../../core/archive/tree-path.ts";
import { hasCode } from "../../linux/errno.ts";
import { FILE_TYPES, inodeAt } from "../../linux/inode.ts";
import { cString, linkAt, makeNodeAt, makeSymlinkAt } from "../../linux/openat.ts";
import { type Newborn, setAttributesAt } from "./metadata.ts";
import type { SkippedDevices } from "./skipped-devices.ts";
import type { TreeDirectories } from "./tree-directories.ts";

type PlanOf<K extends Plan["kind"]> = Extract<Plan, { kind: K }>;

/** Makes a symbolic link; its target is kept verbatim. */
export function makeSymlink(
  directories: TreeDirectories,
  plan: PlanOf<"symlink">,
  newborn: Newborn,
  place: Place,
): void {
  directories.createIn(plan.path, place, (dir, name) => {
    makeSymlinkAt(dir, name, cString(plan.target));
    setAttributesAt(dir, name, plan.attributes, { isSymlink: true, newborn, place });
  });
}

/** Makes a FIFO, or a device where this process may; where it may not, the device is left out. */
export function makeNode(
  directories: TreeDirectories,
  plan: PlanOf<"node">,
  how: { readonly newborn: Newborn; readonly skipped: SkippedDevices },
  place: Place,
): void {
  const type = NODE_TYPES[plan.type];
  directories.createIn(plan.path, place, (dir, name) => {
    try {
      makeNodeAt(dir, name, type | plan.attributes.mode, plan.device);
    } catch (error) {
      if (plan.type === "fifo" || !hasCode(error, "EPERM")) throw error;
      return how.skipped.add(plan.path.bytes);
    }
    setAttributesAt(dir, name, plan.attributes, { isSymlink: false, newborn: how.newborn, place });
  });
}

const NODE_TYPES = {
  "character-device": FILE_TYPES.characterDevice,
  "block-device": FILE_TYPES.blockDevice,
  fifo: FILE_TYPES.fifo,
} as const;

/**
 * Gives something that is in the tree already another name. Nothing is followed to it but its parents, inside the tree,
 * and nothing of the entry's header is applied to it.
 */
export function makeHardlink(
  directories: TreeDirectories,
  plan: PlanOf<"hardlink">,
  skipped: SkippedDevices,
  place: Place,
): void {
  const target = cString(nameIn(plan.target));
  directories.createIn(plan.path, place, (dir, name) => {
    const targetDir = directories.find(parentOf(plan.target));
    const inode = targetDir === null ? null : inodeAt(targetDir, target);
    if (targetDir === null || inode === null) {
      if (skipped.has(plan.target.bytes)) return skipped.add(plan.path.bytes);
      throw refusal("UNSAFE_ARCHIVE", place, `"${shown(plan.target.bytes)}", which it links to, is not before it`);
    }
    if (inode.type === FILE_TYPES.directory || inode.isWhiteout) {
      throw refusal("UNSAFE_ARCHIVE", place, `"${shown(plan.target.bytes)}", which it links to, is no file`);
    }
    try {
      linkAt(targetDir, target, dir, name);
    } catch (error) {
      // a link to itself: making room for it would take away what it links to
      if (!hasCode(error, "EEXIST") || inodeAt(dir, name)?.number !== inode.number) throw error;
    }
  });
}
