import { readFile, realpath } from "node:fs/promises";
import { type MountinfoEntry, parseMountinfo } from "../../core/overlay/mountinfo.ts";
import { hasCode } from "./errno.ts";
import { describeMount } from "./statmount.ts";
import { placeOf } from "./statx.ts";

/** What one sees at a mount point. */
export interface SeenMount {
  /** As in `FilePlace`: unique where the kernel has such ids. */
  readonly mountId: string;
  readonly deviceId: string;
  readonly fsType: string;
  readonly source: string;
}

/**
 * Every mount of a process's mount namespace.
 * @throws {SystemCallError}
 */
export async function readMountTable(process: number | "self" = "self"): Promise<MountinfoEntry[]> {
  return parseMountinfo(await readFile(`/proc/${process}/mountinfo`, "utf8"));
}

/**
 * The topmost mount on a directory; null when nothing is mounted on it, or it is not there. Costs microseconds where the
 * kernel describes single mounts, else a reading of the whole table.
 * @throws {SystemCallError}
 */
export async function mountOn(path: string): Promise<SeenMount | null> {
  const place = placeIfThere(path);
  if (place === null || place.isMountRoot === false) return null;
  if (place.isMountRoot === true && place.isUniqueMountId && place.mountId !== null) {
    const described = describeMount(place.mountId);
    if (described !== null) return { mountId: place.mountId, deviceId: place.deviceId, ...described };
  }
  const mountPoint = await realpath(path);
  const entry = (await readMountTable()).findLast((candidate) => candidate.mountPoint === mountPoint);
  if (entry === undefined) return null;
  const { fsType, source, deviceId } = entry;
  return { mountId: place.mountId ?? entry.mountId, deviceId, fsType, source };
}

function placeIfThere(path: string): ReturnType<typeof placeOf> | null {
  try {
    return placeOf(path);
  } catch (error) {
    if (hasCode(error, "ENOENT")) return null;
    throw error;
  }
}
