import type { MountOption } from "../mount-options.ts";

/** The same bits in mount(2) (MS_*) and in fsmount(2) (MOUNT_ATTR_*). */
const FLAGS: Readonly<Record<MountOption, number>> = { ro: 1, nosuid: 2, nodev: 4, noexec: 8 };

/** A mount's attributes as the kernel takes them. */
export function mountFlags(options: readonly MountOption[]): number {
  return options.reduce((flags, option) => flags | FLAGS[option], 0);
}

/**
 * How every overlay of this product is set up.
 * - `index=on`: the kernel refuses (EBUSY) to mount an upper that is in use; without it, it mounts it twice.
 * - `redirect_dir=nofollow`, `metacopy=off`: attributes planted in an image must not lead to other layers' files.
 * - `xino=off`: inode numbers of the layers as they are.
 * @see https://docs.kernel.org/filesystems/overlayfs.html
 */
export const OVERLAY_PARAMETERS: readonly (readonly [string, string])[] = [
  ["index", "on"],
  ["redirect_dir", "nofollow"],
  ["metacopy", "off"],
  ["xino", "off"],
];

/** The kernel takes no more lower layers than this. */
export const MAX_OVERLAY_LAYERS = 500;
