import { readdir, readFile } from "node:fs/promises";
import { printable } from "../../core/names.ts";
import { deviceIdOf } from "../../core/overlay/mountinfo.ts";
import { hasCode } from "../linux/errno.ts";
import { isOutOfSight, listProcesses, mountNamespaceOf, ownMountNamespace } from "../linux/mount-namespaces.ts";
import { readMountTable } from "../linux/mount-table.ts";
import { placeOf } from "../linux/statx.ts";

/** A search that took longer is cut short: what was found by then is what is told. */
const SEARCH_MS = 5000;
const MAX_HOLDERS = 20;

/** What a dead FUSE server, a lost disk and an unreachable file server say. */
const UNANSWERED = ["ENOTCONN", "EIO", "ESTALE", "ETIMEDOUT", "EHOSTDOWN", "ENODEV", "ENXIO"] as const;

/**
 * Who keeps a mounted file system in use: processes with a working directory, a root, a program, an open or a mapped
 * file on it, as `PID (COMMAND: HOW)`, and what is mounted inside it. Finds those of a lazily unmounted one as well, and
 * those in other mount namespaces; nobody is left out but what this user may not see.
 * @param deviceId st_dev of the file system, decimal
 * @throws {SystemCallError}
 */
export async function findHolders(deviceId: string, mountPoint: string): Promise<string[]> {
  return [...(await mountsInside(mountPoint)), ...(await heldBy(await listProcesses(), deviceId))];
}

/**
 * Those of them that live in other mount namespaces: the kernel does not call a mount busy for their sake, and they go on
 * with it after it was unmounted here. Quick where there are no such processes.
 * @throws {SystemCallError}
 */
export async function findHoldersElsewhere(deviceId: string): Promise<string[]> {
  const own = ownMountNamespace();
  const elsewhere = (await listProcesses()).filter((pid) => ![own, null].includes(mountNamespaceOf(pid)));
  return await heldBy(elsewhere, deviceId);
}

/** A process as a person knows it. */
export async function described(pid: number, how: string): Promise<string> {
  const command = (await orNone(readFile(`/proc/${pid}/comm`, "utf8"))) ?? "";
  return `${pid} (${printable(command.trim())}: ${how})`;
}

async function mountsInside(mountPoint: string): Promise<string[]> {
  const inside = (await readMountTable()).filter((entry) => entry.mountPoint.startsWith(`${mountPoint}/`));
  return inside.map((entry) => `the mount on "${printable(entry.mountPoint)}"`);
}

async function heldBy(processes: readonly number[], deviceId: string): Promise<string[]> {
  const until = performance.now() + SEARCH_MS;
  const holders: string[] = [];
  for (const pid of processes) {
    if (holders.length >= MAX_HOLDERS || performance.now() > until) return [...holders, "perhaps others"];
    const how = await howProcessHolds(pid, deviceId);
    if (how !== null) holders.push(await described(pid, how));
  }
  return holders;
}

async function howProcessHolds(pid: number, deviceId: string): Promise<string | null> {
  const isOn = (link: string): boolean => deviceBehind(`/proc/${pid}/${link}`) === deviceId;
  if (isOn("cwd")) return "working directory";
  if (isOn("root")) return "root directory";
  if (isOn("exe")) return "program";
  const descriptors = (await orNone(readdir(`/proc/${pid}/fd`))) ?? [];
  if (descriptors.some((fd) => isOn(`fd/${fd}`))) return "open file";
  const maps = (await orNone(readFile(`/proc/${pid}/maps`, "latin1"))) ?? "";
  return maps.split("\n").some((line) => deviceOfMapping(line) === deviceId) ? "mapped file" : null;
}

/** Null also where it leads to some other file system that does not answer: that must not hide the holders of this one. */
function deviceBehind(link: string): string | null {
  try {
    return placeOf(link, { followsLinks: true }).deviceId;
  } catch (error) {
    if (isOutOfSight(error) || hasCode(error, ...UNANSWERED)) return null;
    throw error;
  }
}

/** `begin-end perms offset major:minor inode path`, the device in hexadecimal. @see proc_pid_maps(5) */
function deviceOfMapping(line: string): string | null {
  const device = /^\S+ \S+ \S+ ([0-9a-f]+):([0-9a-f]+) /.exec(line);
  if (device === null) return null;
  return deviceIdOf(Number.parseInt(device[1] ?? "", 16), Number.parseInt(device[2] ?? "", 16));
}

async function orNone<T>(reading: Promise<T>): Promise<T | null> {
  try {
    return await reading;
  } catch (error) {
    if (isOutOfSight(error)) return null;
    throw error;
  }
}
