import { existsSync } from "node:fs";
import { ImgstoreError } from "../../core/errors.ts";
import { hasCode } from "../linux/errno.ts";
import { mountOn } from "../linux/mount-table.ts";
import { findUsersOfUpper } from "./busy-upper.ts";
import { mountError } from "./mount-errors.ts";
import { removeMountPoint } from "./mount-point.ts";
import type { Places } from "./places.ts";
import { withTrialMount } from "./trial-mount.ts";
import { removeWritable, upperOf, workOf } from "./writable.ts";

/**
 * Takes a key's upper away once it is known that nothing is mounted over it: neither on its mount point, nor by a stale
 * attempt from now on (its directory goes first), nor anywhere else, detached or in another mount namespace.
 * @param isStillOurs asked last: by then the upper may be that of a successor, or of another image of the name
 * @throws {ImgstoreError} IN_USE, NO_PRIVILEGE, IO_ERROR, CANCELLED
 */
export async function dropUpper(
  places: Places,
  key: string,
  isStillOurs: () => Promise<boolean> = async () => true,
): Promise<void> {
  const mountPoint = places.mountPointOf(key);
  if ((await mountOn(mountPoint)) !== null) throw inUse(key, [`the mount on "${mountPoint}"`]);
  removeMountPoint(mountPoint);
  const writable = places.writableOf(key);
  if (existsSync(upperOf(writable)) && existsSync(workOf(writable))) await expectUnused(places, key);
  if (!(await isStillOurs())) throw new ImgstoreError("CANCELLED", `the writable layer of "${key}" is no longer ours`);
  await removeWritable(places, key);
}

/** The kernel itself is asked: with `index=on` it refuses to mount an upper that any mount of this machine still has. */
async function expectUnused(places: Places, key: string): Promise<void> {
  const writable = places.writableOf(key);
  const own = { upper: upperOf(writable), work: workOf(writable) };
  try {
    await withTrialMount(places.newTemporary(`trial.${key}`), own, () => undefined);
  } catch (error) {
    if (hasCode(error, "EBUSY")) throw inUse(key, await findUsersOfUpper(places, key), error);
    if (hasCode(error, "EPERM", "ENOSPC", "EDQUOT")) throw mountError(error, places.mountPointOf(key));
    // any other refusal (of the foreign lower as ESTALE, of a damaged upper) comes of an upper that is not in use
    if (!(error instanceof Error && "syscall" in error)) throw error;
  }
}

function inUse(key: string, users: readonly string[], cause?: unknown): ImgstoreError {
  const who = users.length === 0 ? "a detached mount that somebody still holds" : users.join(", ");
  return new ImgstoreError("IN_USE", `cannot drop the writable layer of "${key}": in use by ${who}`, {
    cause,
    hint: "deactivate it, and end what uses it; `imgstore history` says whom a mount was detached from",
  });
}
