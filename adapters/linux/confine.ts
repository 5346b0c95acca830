import { keepCapabilities } from "./capabilities.ts";
import { enterDetachedRoot } from "./detached-root.ts";
import { restrictToDirectory } from "./landlock.ts";
import { forbidNewPrivileges } from "./no-new-privileges.ts";
import { cPath, openDirectoryAt, WORKING_DIRECTORY } from "./openat.ts";

/** What keeps a thread in one directory, the strongest first. */
export type Wall = "detached-mount+landlock" | "detached-mount" | "landlock" | "none";

export interface Confinement {
  readonly wall: Wall;
  /** Descriptor of the directory, for reading; the only one that leads anywhere. */
  readonly root: number;
}

/**
 * Confines the calling thread to a directory, for good: no path leads out of it, no device in it can be opened, and the
 * thread keeps only the capabilities that a tree is made with. Descriptors that it has stay good: hold none of a
 * directory. Other threads are not concerned: each confines itself.
 * @param directory its place for the thread as it is now
 * @throws {SystemCallError} where it began and cannot be ended: nothing may be unpacked then
 */
export function confineThread(directory: string): Confinement {
  const detached = enterDetachedRoot(directory);
  const root = detached ?? openDirectoryAt(WORKING_DIRECTORY, cPath(directory));
  forbidNewPrivileges();
  const isRestricted = restrictToDirectory(root);
  keepCapabilities(...NEEDED);
  return { wall: wallOf(detached !== null, isRestricted), root };
}

/** For owners, modes, nodes, capabilities of files, and (the last one) attributes named trusted.*. */
const NEEDED = ["chown", "dacOverride", "fowner", "fsetid", "mknod", "setfcap", "sysAdmin"] as const;

function wallOf(isDetached: boolean, isRestricted: boolean): Wall {
  if (isDetached) return isRestricted ? "detached-mount+landlock" : "detached-mount";
  return isRestricted ? "landlock" : "none";
}
