import { closeSync, fstatSync, ftruncateSync, mkdirSync, openSync, readdirSync, rmSync, unlinkSync } from "node:fs";
import { join } from "node:path";
import { hasCode } from "../../../adapters/linux/errno.ts";
import { reserveSpace } from "../../../adapters/linux/file-calls.ts";
import type { Resource } from "./small-disk.ts";

/** Something else that takes what a file system has, and gives it back. */
export interface Filler {
  /** Takes all but so much of it, also of what has become free since the last time. */
  fill(slack: number): void;
  giveBack(): void;
}

/** @param directory for what it fills the file system with; made */
export function createFiller(directory: string, resource: Resource): Filler {
  mkdirSync(directory, { recursive: true });
  return resource === "bytes" ? fillerOfBytes(join(directory, "bytes")) : fillerOfInodes(directory);
}

const LARGEST_PIECE_BYTES = 2 ** 26;
const SMALLEST_PIECE_BYTES = 4096;

function fillerOfBytes(path: string): Filler {
  // made while there is an inode for it
  const fd = openSync(path, "a", 0o600);
  return {
    fill: (slack) => {
      let sizeBytes = fstatSync(fd).size;
      for (let piece = LARGEST_PIECE_BYTES; piece >= SMALLEST_PIECE_BYTES; ) {
        if (isTaken(() => reserveSpace(fd, sizeBytes + piece))) sizeBytes += piece;
        else piece /= 2;
      }
      ftruncateSync(fd, Math.max(0, sizeBytes - slack));
    },
    giveBack: () => {
      unlinkSync(path);
      closeSync(fd);
    },
  };
}

function fillerOfInodes(directory: string): Filler {
  let count = 0;
  return {
    fill: (slack) => {
      while (isTaken(() => closeSync(openSync(join(directory, String(count)), "wx")))) count += 1;
      for (const name of readdirSync(directory).slice(0, slack)) unlinkSync(join(directory, name));
    },
    giveBack: () => rmSync(directory, { recursive: true }),
  };
}

/** False where there was no room for it. */
function isTaken(take: () => void): boolean {
  try {
    take();
    return true;
  } catch (error) {
    if (hasCode(error, "ENOSPC", "EDQUOT")) return false;
    throw error;
  }
}
