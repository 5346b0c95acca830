import { realpath } from "node:fs/promises";
import { ownMounts } from "../../core/overlay/own-mounts.ts";
import type { ObservedMount } from "../../core/ports/mounts.ts";
import { hasCode } from "../linux/errno.ts";
import { readMountTable } from "../linux/mount-table.ts";
import { placeOf } from "../linux/statx.ts";
import { fileError } from "./file-errors.ts";
import type { Places } from "./places.ts";

/**
 * The store's mounts in this mount namespace, whoever made them: what mountinfo lists, with the ids that rows keep.
 * @throws {ImgstoreError} IO_ERROR
 */
export async function observeMounts(places: Places): Promise<ReadonlyMap<string, ObservedMount>> {
  const observed = new Map<string, ObservedMount>();
  try {
    const own = ownMounts(await readMountTable(), await realpath(places.active));
    for (const [key, { mountId, deviceId }] of own) {
      const place = placeIfMounted(places.mountPointOf(key));
      // another device there: unmounted or covered since the table was read
      if (place?.deviceId === deviceId) observed.set(key, { mountId: place.mountId ?? mountId, deviceId });
    }
  } catch (error) {
    if (hasCode(error, "ENOENT")) return observed;
    throw fileError(error, `observe the mounts under "${places.active}"`);
  }
  return observed;
}

function placeIfMounted(mountPoint: string): ReturnType<typeof placeOf> | null {
  try {
    return placeOf(mountPoint);
  } catch (error) {
    if (hasCode(error, "ENOENT")) return null;
    throw error;
  }
}
