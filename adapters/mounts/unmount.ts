import { ImgstoreError } from "../../core/errors.ts";
import { printable } from "../../core/names.ts";
import { sourceOf } from "../../core/overlay/own-mounts.ts";
import { hasCode } from "../linux/errno.ts";
import { unmountAt } from "../linux/mount-api.ts";
import { mountOn, type SeenMount } from "../linux/mount-table.ts";
import { findHolders, findHoldersElsewhere } from "./busy.ts";

/** How to unmount; see `UnmountRequest`. */
export interface UnmountWay {
  readonly isForced: boolean;
  readonly isStillOurs?: (() => Promise<boolean>) | undefined;
}

/**
 * Unmounts whatever of this store is mounted on a key's mount point, mount by mount where several lie on each other.
 * @returns who held what was detached lazily
 * @throws {ImgstoreError} IN_USE naming the holders, or what else is mounted there; NO_PRIVILEGE, IO_ERROR, CANCELLED
 */
export async function unmountOwn(key: string, mountPoint: string, way: UnmountWay): Promise<string[]> {
  const detachedFrom: string[] = [];
  for (;;) {
    const seen = await mountOn(mountPoint);
    if (seen === null) return detachedFrom;
    if (seen.source !== sourceOf(key)) throw foreignMount(mountPoint, seen);
    detachedFrom.push(...(await unmountTop(mountPoint, seen, way)));
  }
}

async function unmountTop(mountPoint: string, seen: SeenMount, way: UnmountWay): Promise<string[]> {
  const elsewhere = await findHoldersElsewhere(seen.deviceId);
  if (elsewhere.length > 0 && !way.isForced) throw busyMount(mountPoint, elsewhere);
  await expectOurs(mountPoint, way);
  if (await isUnmounted(mountPoint, seen, false)) return elsewhere;
  const holders = await findHolders(seen.deviceId, mountPoint);
  if (!way.isForced) throw busyMount(mountPoint, holders);
  await expectOurs(mountPoint, way);
  await isUnmounted(mountPoint, seen, true);
  return holders;
}

/** Asked last: whoever was stopped while it looked for holders would unmount what its successor mounted. */
async function expectOurs(mountPoint: string, { isStillOurs }: UnmountWay): Promise<void> {
  if (isStillOurs === undefined || (await isStillOurs())) return;
  throw new ImgstoreError("CANCELLED", `unmounting "${mountPoint}" is no longer ours`);
}

/** Whether the mount is gone, by us or by somebody who was faster; false when it is busy, which no lazy unmount minds. */
async function isUnmounted(mountPoint: string, seen: SeenMount, isLazy: boolean): Promise<boolean> {
  try {
    unmountAt(mountPoint, isLazy);
    return true;
  } catch (error) {
    if (hasCode(error, "EBUSY") && !isLazy) return false;
    // said where nothing is mounted; and of a mount that came from a more privileged namespace, which is still there
    if (hasCode(error, "EINVAL", "ENOENT") && (await mountOn(mountPoint))?.mountId !== seen.mountId) return true;
    const code = hasCode(error, "EPERM", "EINVAL") ? "NO_PRIVILEGE" : "IO_ERROR";
    const reason = error instanceof Error ? error.message : String(error);
    throw new ImgstoreError(code, `cannot unmount "${mountPoint}": ${reason}`, {
      cause: error,
      hint: "unmounting needs root with CAP_SYS_ADMIN, in the user namespace that mounted it",
    });
  }
}

function busyMount(mountPoint: string, holders: readonly string[]): ImgstoreError {
  const who = holders.length === 0 ? "somebody who cannot be seen from here" : holders.join(", ");
  return new ImgstoreError("IN_USE", `cannot unmount "${mountPoint}": in use by ${who}`, {
    hint: "end what uses it and try again, or detach it with `imgstore deactivate --force`",
  });
}

function foreignMount(mountPoint: string, seen: SeenMount): ImgstoreError {
  const what = `"${printable(seen.source)}" (${printable(seen.fsType)})`;
  return new ImgstoreError("IN_USE", `something else is mounted on "${mountPoint}": ${what}`, {
    hint: `it is not this store's; unmount it with \`umount ${mountPoint}\``,
  });
}
