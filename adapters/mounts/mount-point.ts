import { mkdirSync, rmdirSync } from "node:fs";
import { ImgstoreError } from "../../core/errors.ts";
import { closeDescriptor, openDirectory } from "../linux/directory.ts";
import { hasCode } from "../linux/errno.ts";
import { placeOf, placeOfDescriptor } from "../linux/statx.ts";
import { fileError } from "./file-errors.ts";

/** Claims that replace each other's directory at the same moment; more than this is no coincidence. */
const MAX_TRIES = 16;

/**
 * A new directory to mount on, held open. Its identity is the fence: whoever claims later removes it, so that a mount
 * onto this descriptor fails with ENOENT, however late it comes.
 */
export interface FreshMountPoint {
  readonly path: string;
  readonly fd: number;
  /** Whether it still lies under its path. */
  isInPlace(): boolean;
  /** Removes the directory where it still lies under its path, unused; `close` comes after. */
  remove(): void;
  close(): void;
}

/**
 * Replaces what lies at a path by a fresh empty directory.
 * @throws {ImgstoreError} IN_USE when something is mounted there, IO_ERROR when there are files, NO_SPACE
 */
export function makeMountPoint(path: string): FreshMountPoint {
  for (let tries = 1; ; tries++) {
    removeMountPoint(path);
    try {
      mkdirSync(path);
      return hold(path, openDirectory(path, "place"));
    } catch (error) {
      // another claim was at it between two of our steps; whose turn it is, the rows know
      if (hasCode(error, "EEXIST", "ENOENT") && tries < MAX_TRIES) continue;
      throw fileError(error, `make the mount point "${path}"`);
    }
  }
}

/**
 * Removes an empty mount point, with which every mount that was prepared on it becomes impossible; nothing when it is not
 * there.
 * @throws {ImgstoreError} IN_USE when something is mounted there, IO_ERROR when there are files
 */
export function removeMountPoint(path: string): void {
  try {
    rmdirSync(path);
  } catch (error) {
    if (hasCode(error, "ENOENT")) return;
    if (hasCode(error, "EBUSY")) {
      throw new ImgstoreError("IN_USE", `cannot replace the mount point "${path}": it was just mounted on`, {
        cause: error,
      });
    }
    if (hasCode(error, "ENOTEMPTY", "EEXIST", "ENOTDIR")) {
      throw new ImgstoreError("IO_ERROR", `cannot replace the mount point "${path}": it is not an empty directory`, {
        cause: error,
        hint: "somebody wrote there while nothing was mounted: move it away",
      });
    }
    throw fileError(error, `replace the mount point "${path}"`);
  }
}

function hold(path: string, fd: number): FreshMountPoint {
  // while it is held open, no other directory gets its inode number
  const own = placeOfDescriptor(fd);
  const isInPlace = (): boolean => {
    try {
      const now = placeOf(path);
      return now.inode === own.inode && now.deviceId === own.deviceId;
    } catch (error) {
      if (hasCode(error, "ENOENT")) return false;
      throw error;
    }
  };
  return {
    path,
    fd,
    isInPlace,
    remove: () => {
      if (!isInPlace()) return;
      try {
        rmdirSync(path);
      } catch (error) {
        // it is somebody's by now: mounted on, filled, or taken away
        if (!hasCode(error, "EBUSY", "ENOTEMPTY", "ENOENT")) throw error;
      }
    },
    close: () => closeDescriptor(fd),
  };
}
