import { closeSync, mkdirSync, openSync, rmSync } from "node:fs";
import { join } from "node:path";
import { hasCode } from "../../../adapters/linux/errno.ts";
import { reserveSpace } from "../../../adapters/linux/file-calls.ts";
import type { Resource } from "./small-disk.ts";

/** Something else that takes what a file system has, and gives it back. */
export interface Filler {
  /** Takes all of it but the slack; of what has become free since the last time, all. */
  fill(): void;
  giveBack(): void;
}

export interface FillerOptions {
  /** For what it fills the file system with; made. */
  readonly directory: string;
  readonly resource: Resource;
  /** So much is left at first. */
  readonly slack: number;
}

/** Keeps the slack apart until the rest is taken: with a quota that is used up, btrfs makes no file shorter. */
export function createFiller({ directory, resource, slack }: FillerOptions): Filler {
  const [takenPath, slackPath] = [join(directory, "taken"), join(directory, "slack")];
  for (const path of [takenPath, slackPath]) mkdirSync(path, { recursive: true });
  const taken = TAKERS[resource](takenPath);
  const left = TAKERS[resource](slackPath);
  left.take(slack);
  return {
    fill: () => {
      taken.take(Number.POSITIVE_INFINITY);
      rmSync(slackPath, { recursive: true, force: true });
    },
    giveBack: () => {
      rmSync(directory, { recursive: true });
      for (const { close } of [taken, left]) close();
    },
  };
}

interface Taker {
  /** Takes so much more, or as much as there is. */
  readonly take: (amount: number) => void;
  readonly close: () => void;
}

const TAKERS: Readonly<Record<Resource, (directory: string) => Taker>> = { bytes: takerOfBytes, inodes: takerOfInodes };

const LARGEST_PIECE_BYTES = 2 ** 26;
const SMALLEST_PIECE_BYTES = 4096;

function takerOfBytes(directory: string): Taker {
  // made while there is an inode for it
  const fd = openSync(join(directory, "bytes"), "a", 0o600);
  let sizeBytes = 0;
  return {
    take: (amount) => {
      const endBytes = sizeBytes + amount;
      for (let piece = LARGEST_PIECE_BYTES; piece >= SMALLEST_PIECE_BYTES; ) {
        const next = sizeBytes + piece;
        if (next <= endBytes && isTaken(() => reserveSpace(fd, next))) sizeBytes = next;
        else piece /= 2;
      }
    },
    close: () => closeSync(fd),
  };
}

function takerOfInodes(directory: string): Taker {
  let count = 0;
  return {
    take: (amount) => {
      const end = count + amount;
      while (count < end && isTaken(() => closeSync(openSync(join(directory, String(count)), "wx")))) count += 1;
    },
    close: () => {},
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
