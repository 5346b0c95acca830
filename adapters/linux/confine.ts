import { ImgstoreError } from "../../core/errors.ts";
import { keepCapabilities } from "./capabilities.ts";
import { enterDetachedRoot, takeRestAlong } from "./detached-root.ts";
import { restrictToDirectory } from "./landlock.ts";
import { forbidNewPrivileges } from "./no-new-privileges.ts";
import { cPath, openDirectoryAt, WORKING_DIRECTORY } from "./openat.ts";

/** What keeps a thread in one directory, the strongest first. */
export const WALLS = ["detached-mount", "landlock", "none"] as const;

export type Wall = (typeof WALLS)[number];

export interface Confinement {
  readonly wall: Wall;
  /** Descriptor of the directory, for reading; the only one that leads anywhere. */
  readonly root: number;
}

/**
 * Confines the calling thread to a directory, for good: no path leads out of it, no device in it can be opened, and the
 * thread keeps only the capabilities that a tree is made with. Descriptors that it has stay good: hold none of a
 * directory.
 * @param directory its place for the thread as it is now
 * @param whose `thread`: other threads are not concerned. `process`: where the wall is a detached mount, every thread that
 * has not confined itself, as those of the runtime, gets the directory for its root, too; nothing can be loaded any more
 * @throws {ImgstoreError} CONFINEMENT_FAILED where it began and cannot be ended: nothing may be unpacked then. That the
 * kernel has no wall for this process is no error: the result says so
 */
export function confine(directory: string, whose: "thread" | "process"): Confinement {
  return orFail(`"${directory}"`, () => {
    const detached = enterDetachedRoot(directory, whose);
    const root = detached ?? openDirectoryAt(WORKING_DIRECTORY, cPath(directory));
    forbidNewPrivileges();
    // Not on top of the other: it goes through all directories above a new file, for 6 to 11 % of what a small file takes,
    // and all it would add is a say in descriptors of other directories. There are none.
    const isRestricted = detached === null && restrictToDirectory(root);
    keepCapabilities(...NEEDED);
    return { wall: detached !== null ? "detached-mount" : isRestricted ? "landlock" : "none", root };
  });
}

/**
 * Confines the calling thread to where another one of its process has confined itself, and every thread with it that has
 * not, as `confine` does for a process. For the last thread to have everything loaded.
 * @throws {ImgstoreError} CONFINEMENT_FAILED
 */
export function joinConfinement({ wall, root }: Confinement): void {
  orFail("where the other one is", () => {
    if (wall === "detached-mount") takeRestAlong(root);
    forbidNewPrivileges();
    if (wall === "landlock") restrictToDirectory(root);
    keepCapabilities(...NEEDED);
  });
}

/**
 * For owners, modes, nodes, capabilities of files, and (the last one) attributes named trusted.*; what else that one is
 * good for, `refuseCalls` refuses.
 */
const NEEDED = ["chown", "dacOverride", "fowner", "fsetid", "mknod", "setfcap", "sysAdmin"] as const;

function orFail<T>(place: string, act: () => T): T {
  try {
    return act();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ImgstoreError("CONFINEMENT_FAILED", `cannot confine the extractor to ${place}: ${reason}`, {
      cause,
      hint: "see what `imgstore doctor` says of the extractor's wall, and the kernel's log",
    });
  }
}
