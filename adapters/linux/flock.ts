import { declare, lastError } from "./ffi.ts";

const LOCK_EX = 2;
const LOCK_NB = 4;

const flock = declare<(fd: number, operation: number) => number>("int flock(int fd, int operation)");

/**
 * Takes the whole-file lock of an open file, and says whether it got it: false while another open file description holds
 * one, also of this process. The lock belongs to the description: it ends with its last descriptor, whether by close or by
 * the death of the process.
 * @throws {SystemCallError} where the file system cannot lock (ENOLCK, EOPNOTSUPP)
 * @see flock(2)
 */
export function tryLockExclusive(fd: number): boolean {
  for (;;) {
    if (flock(fd, LOCK_EX | LOCK_NB) === 0) return true;
    const error = lastError("flock");
    // EAGAIN is EWOULDBLOCK: held by another
    if (error.code === "EAGAIN") return false;
    // a signal came first: ask again
    if (error.code !== "EINTR") throw error;
  }
}
