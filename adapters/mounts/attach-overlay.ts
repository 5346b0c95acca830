import { ImgstoreError } from "../../core/errors.ts";
import type { MountOption } from "../../core/mount-options.ts";
import { MAX_OVERLAY_LAYERS, mountFlags, OVERLAY_PARAMETERS } from "../../core/overlay/mount-flags.ts";
import { closeDescriptor, withDirectories } from "../linux/directory.ts";
import { hasCode } from "../linux/errno.ts";
import {
  attach,
  createFileSystem,
  makeMount,
  mountAt,
  openContext,
  setDescriptor,
  setText,
} from "../linux/mount-api.ts";
import { type FilePlace, placeOf, placeOfDescriptor } from "../linux/statx.ts";

/** The classic call takes its options in one page, the closing NUL included. */
const MAX_OPTION_BYTES = 4095;

/** What an overlay is made of: directories by their paths, or by descriptors. */
export interface Overlay<Directory = string> {
  readonly source: string;
  /** Top first. */
  readonly lowers: readonly Directory[];
  readonly upper: Directory;
  readonly work: Directory;
  readonly options: readonly MountOption[];
}

type OpenOverlay = Overlay<number>;

/** Where an overlay goes: a directory's descriptor, and its path for what only a path can say. */
export interface MountTarget {
  readonly fd: number;
  readonly path: string;
}

/** One way to mount; null where this kernel has not got it, so that the next one's word counts. */
export type MountWay = (overlay: OpenOverlay, target: MountTarget) => FilePlace | null;

/** The newest first: descriptors (Linux 6.13), texts of the mount API (6.5), mount(2). */
export const MOUNT_WAYS: readonly MountWay[] = [byDescriptors, byTexts, byClassicCall];

/**
 * Mounts an overlay onto the directory that the target is open on, by the first way that this kernel has, and says what
 * was mounted.
 * @throws {SystemCallError} EBUSY when the upper is in use, ESTALE when it was made over other directories, ENOENT when the
 *   target was removed meanwhile
 * @throws {ImgstoreError} MOUNT_FAILED when there are more layers than the kernel takes
 */
export function attachOverlay(
  overlay: Overlay,
  target: MountTarget,
  ways: readonly MountWay[] = MOUNT_WAYS,
): FilePlace {
  if (overlay.lowers.length > MAX_OVERLAY_LAYERS) throw tooManyLayers(overlay.lowers.length, MAX_OVERLAY_LAYERS);
  return withDirectories([overlay.upper, overlay.work, ...overlay.lowers], ([upper, work, ...lowers]) => {
    if (upper === undefined || work === undefined) throw new Error("as many descriptors as directories");
    for (const mountBy of ways) {
      const place = mountBy({ ...overlay, lowers, upper, work }, target);
      if (place !== null) return place;
    }
    throw new ImgstoreError("NO_DRIVER", "this kernel has no call that mounts an overlay");
  });
}

function byDescriptors(overlay: OpenOverlay, target: MountTarget): FilePlace | null {
  return inNewContext((context) => {
    const [top, ...others] = overlay.lowers;
    if (top === undefined) throw new Error("an overlay has at least one layer");
    if (!isTaken(() => setDescriptor(context, "lowerdir+", top))) return null;
    for (const lower of others) setDescriptor(context, "lowerdir+", lower);
    setDescriptor(context, "upperdir", overlay.upper);
    setDescriptor(context, "workdir", overlay.work);
    setParameters(context, overlay);
    createFileSystem(context);
    return attachContext(context, overlay, target);
  });
}

function byTexts(overlay: OpenOverlay, target: MountTarget): FilePlace | null {
  return inNewContext((context) => {
    const areLayersTaken = isTaken(() => {
      for (const lower of overlay.lowers) setText(context, "lowerdir+", pathOf(lower));
    });
    if (!areLayersTaken) return null;
    setText(context, "upperdir", pathOf(overlay.upper));
    setText(context, "workdir", pathOf(overlay.work));
    setParameters(context, overlay);
    // an older overlayfs gets its texts unread, and refuses lowerdir+ only here
    if (!isTaken(() => createFileSystem(context))) return null;
    return attachContext(context, overlay, target);
  });
}

function byClassicCall(overlay: OpenOverlay, target: MountTarget): FilePlace {
  const options = [
    `lowerdir=${overlay.lowers.map(pathOf).join(":")}`,
    `upperdir=${pathOf(overlay.upper)}`,
    `workdir=${pathOf(overlay.work)}`,
    ...OVERLAY_PARAMETERS.map(([key, value]) => `${key}=${value}`),
  ].join(",");
  if (options.length > MAX_OPTION_BYTES) throw tooManyLayers(overlay.lowers.length, Math.floor(MAX_OPTION_BYTES / 20));
  mountAt(overlay.source, pathOf(target.fd), "overlay", mountFlags(overlay.options), options);
  return placeOf(target.path);
}

/** Runs with a fresh context; null where this kernel has no such call, or a sandbox forbids it. */
function inNewContext(use: (context: number) => FilePlace | null): FilePlace | null {
  let context: number;
  try {
    context = openContext("overlay");
  } catch (error) {
    if (hasCode(error, "ENOSYS", "EPERM")) return null;
    throw error;
  }
  try {
    return use(context);
  } finally {
    closeDescriptor(context);
  }
}

function setParameters(context: number, overlay: OpenOverlay): void {
  setText(context, "source", overlay.source);
  for (const [key, value] of OVERLAY_PARAMETERS) setText(context, key, value);
}

function attachContext(context: number, overlay: OpenOverlay, target: MountTarget): FilePlace {
  const mount = makeMount(context, mountFlags(overlay.options));
  try {
    attach(mount, target.fd);
    return placeOfDescriptor(mount);
  } finally {
    closeDescriptor(mount);
  }
}

function isTaken(set: () => void): boolean {
  try {
    set();
    return true;
  } catch (error) {
    if (hasCode(error, "EINVAL")) return false;
    throw error;
  }
}

/** An open directory's path that is always short and has no character that options would have to escape. */
function pathOf(fd: number): string {
  return `/proc/self/fd/${fd}`;
}

function tooManyLayers(count: number, limit: number): ImgstoreError {
  const message = `cannot mount ${count} layers: this kernel takes ${limit} at most`;
  return new ImgstoreError("MOUNT_FAILED", message, { hint: "build the image with fewer layers" });
}
