import { ImgstoreError } from "../../core/errors.ts";
import { lowerStack } from "../../core/overlay/lower-stack.ts";
import { sourceOf } from "../../core/overlay/own-mounts.ts";
import type { MountIdentity } from "../../core/ports/image-rows.ts";
import type { MountRequest } from "../../core/ports/mounts.ts";
import { withDirectories } from "../linux/directory.ts";
import { hasCode } from "../linux/errno.ts";
import { mountOn } from "../linux/mount-table.ts";
import { type FilePlace, placeOf } from "../linux/statx.ts";
import { attachOverlay } from "./attach-overlay.ts";
import { findUsersOfUpper } from "./busy-upper.ts";
import { here } from "./here.ts";
import { mountError } from "./mount-errors.ts";
import { type FreshMountPoint, makeMountPoint } from "./mount-point.ts";
import { isOpaque } from "./opaque.ts";
import type { Places } from "./places.ts";
import { unmountOwn } from "./unmount.ts";
import { ensureWritable, forgetOrigins, upperOf, workOf } from "./writable.ts";

/**
 * Mounts a key's layers with its upper. The order is the fence: what a stale attempt prepared is undone (unmount, rmdir)
 * before this one's directory is made; this one's right is asked for after that; and it mounts onto the directory itself.
 * Whatever a later attempt does, it begins with removing this directory, and then this mount has no place to go.
 * @throws {ImgstoreError} as `Mounts.mount`
 */
export async function mountLayers(places: Places, request: MountRequest): Promise<MountIdentity> {
  const mountPoint = places.mountPointOf(request.key);
  const layers = request.layers.map((diffId) => places.layerOf(diffId));
  expectLayers(layers, request.key);
  const lowers = lowerStack(layers, isOpaque);
  await unmountOwn(request.key, mountPoint, { isForced: false, isStillOurs: request.isStillOurs });
  const fresh = makeMountPoint(mountPoint);
  try {
    return await mountOnto(fresh, places, request, lowers);
  } catch (error) {
    const isTakenAway = !fresh.isInPlace();
    fresh.remove();
    throw await translated(error, places, request, isTakenAway);
  } finally {
    fresh.close();
  }
}

function expectLayers(layers: readonly string[], key: string): void {
  if (layers.length === 0) throw new ImgstoreError("MOUNT_FAILED", `cannot mount "${key}": it has no layers`);
  try {
    for (const layer of layers) withDirectories([layer], () => undefined);
  } catch (error) {
    if (!hasCode(error, "ENOENT", "ENOTDIR", "ELOOP")) throw mountError(error, key);
    throw new ImgstoreError("LAYER_LOST", `cannot mount "${key}": one of its layers is not there`, {
      cause: error,
      hint: "it was removed from outside; `imgstore verify --repair` fetches it again",
    });
  }
}

async function mountOnto(
  fresh: FreshMountPoint,
  places: Places,
  request: MountRequest,
  lowers: readonly string[],
): Promise<MountIdentity> {
  const { key } = request;
  if (!(await request.isStillOurs())) throw noLongerOurs(key);
  await ensureWritable(places, key, lowers, () => fresh.isInPlace());
  const attach = (): FilePlace => attachTo(fresh, places, request, lowers);
  let place: FilePlace;
  try {
    place = attach();
  } catch (error) {
    if (!hasCode(error, "ESTALE")) throw error;
    await forgetOrigins(places, key);
    place = attach();
  }
  // before Linux 5.8 only the table knows the id
  const mountId = place.mountId ?? (await mountOn(fresh.path))?.mountId;
  if (mountId === undefined) throw new ImgstoreError("MOUNT_FAILED", `"${fresh.path}" was unmounted at once`);
  return { ...here(), mountId, deviceId: place.deviceId };
}

function attachTo(
  fresh: FreshMountPoint,
  places: Places,
  { key, options }: MountRequest,
  lowers: readonly string[],
): FilePlace {
  const writable = places.writableOf(key);
  // the kernel would stack one mount on the other without a word
  if (fresh.isInPlace() && placeOf(fresh.path).isMountRoot === true) {
    throw new ImgstoreError("IN_USE", `cannot mount "${fresh.path}": something was just mounted there`);
  }
  return attachOverlay(
    { source: sourceOf(key), lowers, upper: upperOf(writable), work: workOf(writable), options },
    fresh,
  );
}

async function translated(
  error: unknown,
  places: Places,
  { key, isStillOurs }: MountRequest,
  isTakenAway: boolean,
): Promise<unknown> {
  const mountPoint = places.mountPointOf(key);
  // the directory gone or the upper in use is how the kernel says that a later attempt was here
  if (isTakenAway && hasCode(error, "ENOENT", "EBUSY")) {
    if (!(await isStillOurs())) return noLongerOurs(key, error);
    return new ImgstoreError("MOUNT_FAILED", `the mount point "${mountPoint}" was taken away`, { cause: error });
  }
  if (!hasCode(error, "EBUSY")) return mountError(error, mountPoint);
  const users = await findUsersOfUpper(places, key);
  const who = users.length === 0 ? "a detached mount that somebody still holds" : users.join(", ");
  return new ImgstoreError("IN_USE", `cannot mount "${mountPoint}": its writable layer is in use by ${who}`, {
    cause: error,
    hint: "end what uses it and try again; `imgstore history` says whom a mount was detached from",
  });
}

function noLongerOurs(key: string, cause?: unknown): ImgstoreError {
  return new ImgstoreError("CANCELLED", `the activation of "${key}" is no longer ours`, { cause });
}
