import { readdir } from "node:fs/promises";
import { hasCode } from "./errno.ts";
import { placeOf } from "./statx.ts";

/** Inode number of this process's mount namespace, decimal. @throws {SystemCallError} */
export function ownMountNamespace(): string {
  return placeOf("/proc/self/ns/mnt", { followsLinks: true }).inode;
}

/** Every process there is, as far as this one may see. @throws {SystemCallError} */
export async function listProcesses(): Promise<number[]> {
  return (await readdir("/proc")).filter((name) => /^[0-9]+$/.test(name)).map(Number);
}

/**
 * Mount namespaces that processes live in, each with one of its processes. One that is only kept by a bind mount or an
 * open descriptor is not found.
 * @throws {SystemCallError}
 */
export async function listMountNamespaces(): Promise<ReadonlyMap<string, number>> {
  const namespaces = new Map<string, number>();
  for (const pid of await listProcesses()) {
    const inode = mountNamespaceOf(pid);
    if (inode !== null && !namespaces.has(inode)) namespaces.set(inode, pid);
  }
  return namespaces;
}

/**
 * Inode number of a process's mount namespace, decimal; null when it ended meanwhile, or this user may not look into it.
 * @throws {SystemCallError}
 */
export function mountNamespaceOf(pid: number): string | null {
  try {
    return placeOf(`/proc/${pid}/ns/mnt`, { followsLinks: true }).inode;
  } catch (error) {
    if (isOutOfSight(error)) return null;
    throw error;
  }
}

/** Whether reading under /proc/PID failed because the process ended, or belongs to somebody else. */
export function isOutOfSight(error: unknown): boolean {
  return hasCode(error, "ENOENT", "ESRCH", "EACCES", "EPERM");
}
