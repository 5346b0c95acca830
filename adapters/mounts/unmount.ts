import { ImgstoreError } from "../../core/errors.ts";
import { printable } from "../../core/names.ts";
import { sourceOf } from "../../core/overlay/own-mounts.ts";
import { hasCode } from "../linux/errno.ts";
import { unmountAt } from "../linux/mount-api.ts";
import { mountOn, type SeenMount } from "../linux/mount-table.ts";
import { findHolders, findHoldersElsewhere } from "./busy.ts";

/**
 * Unmounts whatever of this store is mounted on a key's mount point, mount by mount where several lie on each other.
 * @returns who held what was detached lazily
 * @throws {ImgstoreError} IN_USE naming the holders, or what else is mounted there; NO_PRIVILEGE, IO_ERROR
 */
export async function unmountOwn(key: string, mountPoint: string, how: { isForced: boolean }): Promise<string[]> {
  const detachedFrom: string[] = [];
  for (;;) {
    const seen = await mountOn(mountPoint);
    if (seen === null) return detachedFrom;
    if (seen.source !== sourceOf(key)) throw foreignMount(mountPoint, seen);
    detachedFrom.push(...(await unmountTop(mountPoint, seen, how.isForced)));
  }
}

async function unmountTop(mountPoint: string, seen: SeenMount, isForced: boolean): Promise<string[]> {
  const elsewhere = await findHoldersElsewhere(seen.deviceId);
  if (elsewhere.length > 0 && !isForced) throw busyMount(mountPoint, elsewhere);
  try {
    unmountAt(mountPoint, false);
    return elsewhere;
  } catch (error) {
    if (!hasCode(error, "EBUSY")) {
      await expectGone(mountPoint, seen, error);
      return elsewhere;
    }
    const holders = await findHolders(seen.deviceId, mountPoint);
    if (!isForced) throw busyMount(mountPoint, holders, error);
    unmountAt(mountPoint, true);
    return holders;
  }
}

/** EINVAL and ENOENT are said where nothing is mounted, also when somebody else was faster. */
async function expectGone(mountPoint: string, seen: SeenMount, cause: unknown): Promise<void> {
  if (hasCode(cause, "EPERM")) {
    throw new ImgstoreError("NO_PRIVILEGE", `cannot unmount "${mountPoint}": not allowed`, {
      cause,
      hint: "unmounting needs root with CAP_SYS_ADMIN",
    });
  }
  if (hasCode(cause, "EINVAL", "ENOENT") && (await mountOn(mountPoint))?.mountId !== seen.mountId) return;
  const reason = cause instanceof Error ? cause.message : String(cause);
  throw new ImgstoreError("IO_ERROR", `cannot unmount "${mountPoint}": ${reason}`, { cause });
}

function busyMount(mountPoint: string, holders: readonly string[], cause?: unknown): ImgstoreError {
  const who = holders.length === 0 ? "somebody who cannot be seen from here" : holders.join(", ");
  return new ImgstoreError("IN_USE", `cannot unmount "${mountPoint}": in use by ${who}`, {
    cause,
    hint: "end what uses it and try again, or detach it with `imgstore deactivate --force`",
  });
}

function foreignMount(mountPoint: string, seen: SeenMount): ImgstoreError {
  const what = `"${printable(seen.source)}" (${printable(seen.fsType)})`;
  return new ImgstoreError("IN_USE", `something else is mounted on "${mountPoint}": ${what}`, {
    hint: `it is not this store's; unmount it with \`umount ${mountPoint}\``,
  });
}
