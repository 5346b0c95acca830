import { closeSync, openSync } from "node:fs";
import { join } from "node:path";
import { ImgstoreError } from "../../core/errors.ts";
import type { Locks } from "../../core/ports/locks.ts";
import { codeOf, hasCode } from "../linux/errno.ts";
import { tryLockExclusive } from "../linux/flock.ts";
import { fileError } from "../mounts/file-errors.ts";
import { lockFile } from "./lock-file.ts";

/** Locks as files of a store's root, `<root>/<name>.lock`; the kernel lets go of a dead process's. */
export function createLocks({ root }: { readonly root: string }): Locks {
  return {
    alone: async (name, act) => {
      const fd = openLock(join(root, lockFile(name)));
      try {
        return tryLockExclusive(fd) ? await act() : null;
      } finally {
        closeSync(fd);
      }
    },
  };
}

/** Made with the store; of one that an earlier version made, now. */
function openLock(path: string): number {
  try {
    return openSync(path, "a", 0o600);
  } catch (cause) {
    if (hasCode(cause, "ENOSPC", "EDQUOT")) throw fileError(cause, `make the lock "${path}"`);
    throw new ImgstoreError("ROOT_NOT_WRITABLE", `cannot open the lock "${path}": ${codeOf(cause) ?? "refused"}`, {
      cause,
      hint: "give a directory that you may write to with --root or IMGSTORE_ROOT",
    });
  }
}
