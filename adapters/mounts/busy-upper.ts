import { printable } from "../../core/names.ts";
import type { MountinfoEntry } from "../../core/overlay/mountinfo.ts";
import { sourceOf } from "../../core/overlay/own-mounts.ts";
import { isOutOfSight, listMountNamespaces, ownMountNamespace } from "../linux/mount-namespaces.ts";
import { readMountTable } from "../linux/mount-table.ts";
import { described, findHolders } from "./busy.ts";
import type { Places } from "./places.ts";
import { upperOf } from "./writable.ts";

/**
 * Who uses a key's upper although nothing is mounted on its mount point: the mount was bound elsewhere, here or in another
 * mount namespace. One that was detached lazily is in no table, and not found. (A mere copy of the mount in another
 * namespace does not live on: the kernel takes it away with the mount point's directory.)
 * @throws {SystemCallError}
 */
export async function findUsersOfUpper(places: Places, key: string): Promise<string[]> {
  const upper = `upperdir=${upperOf(places.writableOf(key))}`;
  const own = ownMountNamespace();
  const users: string[] = [];
  const deviceIds = new Set<string>();
  for (const [namespace, pid] of await listMountNamespaces()) {
    const entries = (await tableOf(pid)).filter(
      ({ source, superOptions }) => source === sourceOf(key) && superOptions.includes(upper),
    );
    for (const { deviceId, mountPoint } of entries) {
      deviceIds.add(deviceId);
      const where = `the mount on "${printable(mountPoint)}"`;
      users.push(namespace === own ? where : await described(pid, `${where} in its mount namespace`));
    }
  }
  for (const deviceId of deviceIds) users.push(...(await findHolders(deviceId, places.mountPointOf(key))));
  return users;
}

async function tableOf(pid: number): Promise<MountinfoEntry[]> {
  try {
    return await readMountTable(pid);
  } catch (error) {
    if (isOutOfSight(error)) return [];
    throw error;
  }
}
