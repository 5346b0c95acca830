import type { LockName } from "../../core/ports/locks.ts";

/** The name of a lock's file in a root. */
export function lockFile(name: LockName): string {
  return `${name}.lock`;
}
