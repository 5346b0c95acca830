import { declare } from "./ffi.ts";

const CLONE_FS = 0x200;

const unshare = declare<(flags: number) => number>("int unshare(int)");
const umask = declare<(mask: number) => number>("int umask(unsigned int)");

/**
 * Makes files of this thread, and of no other one of the process, get exactly the mode they are created with.
 * @returns false where the kernel does not let a thread have a mask of its own: the process's one is left as it is
 */
export function takeOwnCreationMask(): boolean {
  if (unshare(CLONE_FS) < 0) return false;
  umask(0);
  return true;
}
