import { ImgstoreError } from "../../core/errors.ts";
import { hasCode } from "../linux/errno.ts";

/**
 * A failed mount as this product's error; anything but a failed system call comes back as it is. The kernel's log of the
 * context is in the cause; of the making of the file system it has none, only its errno (and `dmesg`).
 */
export function mountError(error: unknown, mountPoint: string): unknown {
  if (error instanceof ImgstoreError || !isSystemCallError(error)) return error;
  const [code, reason, hint] = MEANINGS[meaningOf(error)];
  return new ImgstoreError(code, `cannot mount "${mountPoint}": ${reason ?? error.message}`, { cause: error, hint });
}

const MEANINGS = {
  forbidden: [
    "NO_PRIVILEGE",
    "the kernel does not allow it",
    "overlayfs needs root with CAP_SYS_ADMIN, not that of a container or user namespace",
  ],
  absent: ["NO_DRIVER", "this kernel has no overlayfs", "load it with `modprobe overlay`"],
  full: ["NO_SPACE", "no space left for the writable layer", "free space or inodes under the store's root"],
  tooMany: [
    "MOUNT_FAILED",
    "this mount namespace has as many mounts as it may have",
    "deactivate images, or raise it with `sysctl fs.mount-max`",
  ],
  stale: [
    "MOUNT_FAILED",
    "the writable layer was made over other directories than these layers",
    "`imgstore activate --fresh` begins with an empty one; what was written is lost",
  ],
  refused: [
    "MOUNT_FAILED",
    "the kernel refuses these directories as an overlay",
    "`dmesg | tail` says why; the root must not lie on an overlay or a network file system",
  ],
  other: ["MOUNT_FAILED", null, "`dmesg | tail` may say why"],
} as const;

function meaningOf(error: NodeJS.ErrnoException): keyof typeof MEANINGS {
  if (hasCode(error, "EPERM", "EACCES")) return "forbidden";
  if (hasCode(error, "ENODEV")) return "absent";
  // the limit is counted where a mount gets its place; making the file system only writes into work
  if (hasCode(error, "ENOSPC") && error.syscall === "move_mount") return "tooMany";
  if (hasCode(error, "ENOSPC", "EDQUOT")) return "full";
  if (hasCode(error, "ESTALE")) return "stale";
  return hasCode(error, "EINVAL", "ELOOP", "EREMOTE") ? "refused" : "other";
}

function isSystemCallError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && "syscall" in error;
}
