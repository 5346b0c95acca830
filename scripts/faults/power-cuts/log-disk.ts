import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdirSync, openSync, readFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { unmountAt } from "../../../adapters/linux/mount-api.ts";
import { moduleFile } from "../../../adapters/package-files.ts";
import { type DiskEvent, decodeEvents } from "./disk-log.ts";
import { copySparse, type FileSystem, makeFileSystem, mountImage, unmountAll } from "./file-systems.ts";

/** What a file system's disk was told from the time it was empty. */
export interface DiskHistory {
  readonly fileSystem: FileSystem;
  /** A file with the disk as mkfs left it. */
  readonly basePath: string;
  readonly events: readonly DiskEvent[];
}

export interface LogDisk {
  readonly mountPoint: string;
  /** Writes something into the log, behind everything that has been flushed by now. */
  readonly mark: (text: string) => void;
}

/**
 * Runs with a fresh file system whose disk logs what it is told: on a loop device (direct, so that the page cache keeps
 * nothing back) over a file that a FUSE server of ours serves. The log ends when `use` does: what it has not flushed by
 * then may be lost. Nothing is mounted any more when this resolves or rejects; the files are the caller's to remove.
 * @param directory an empty one, best on a tmpfs
 * @param use what it leaves mounted on the disk is unmounted; files of it that it keeps open are not closed
 */
export async function withLogDisk(
  directory: string,
  fileSystem: FileSystem,
  use: (disk: LogDisk) => Promise<void>,
): Promise<DiskHistory> {
  const at = (name: string): string => join(directory, name);
  const [basePath, mountPoint] = [at("base.img"), at("mount")];
  await makeFileSystem(fileSystem, basePath);
  await copySparse(basePath, at("disk.img"));
  mkdirSync(mountPoint);
  let log = Buffer.alloc(0);
  await withServer({ directory: at("fuse"), imagePath: at("disk.img"), logPath: at("disk.log") }, async () => {
    await mountImage(fileSystem, { imagePath: at("fuse/disk"), mountPoint, isDirect: true });
    const marks = openSync(at("fuse/marks"), "a");
    try {
      await use({ mountPoint, mark: (text) => void writeSync(marks, text) });
      log = readFileSync(at("disk.log"));
    } finally {
      closeSync(marks);
      await unmountAll(mountPoint);
    }
  });
  return { fileSystem, basePath, events: decodeEvents(log) };
}

/** How long the server may take to end, in milliseconds. */
const LONGEST_END_MS = 10_000;

interface Served {
  readonly directory: string;
  readonly imagePath: string;
  readonly logPath: string;
}

async function withServer({ directory, imagePath, logPath }: Served, use: () => Promise<void>): Promise<void> {
  mkdirSync(directory);
  const args = [moduleFile("scripts/faults/power-cuts/log-disk-process"), directory, imagePath, logPath];
  // not in the terminal's process group: Ctrl-C is for us, and we unmount
  const server = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"], detached: true });
  const ended = once(server, "exit");
  const [ready] = await Promise.race([once(server.stdout, "data"), ended.then(() => [null])]);
  if (ready === null) throw new Error("the logging disk cannot be served");
  try {
    await use();
  } finally {
    unmountAt(directory, true);
    // it ends when its disk is let go, which a file that is still open may keep from happening
    await Promise.race([ended, delay(LONGEST_END_MS, null, { ref: false })]);
    server.kill("SIGKILL");
    await ended;
  }
}
