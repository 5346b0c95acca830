import { existsSync, type FSWatcher, watch } from "node:fs";
import { basename, dirname } from "node:path";
import { hasCode } from "../../adapters/linux/errno.ts";

/**
 * When to look after something was written, in milliseconds: the kernel tells of the write, and the commit is to be seen
 * only when it has been synced.
 */
const LOOKS_AFTER_MS = [10, 100, 1000];

export interface DatabaseWatch {
  readonly onChange: () => void;
  /** The database's file has been deleted. */
  readonly onGone: () => void;
}

/**
 * Watches an embedded database for commits of other processes: they show in the write-ahead log, and the kernel tells us,
 * so that nobody has to poll. Returns the way to end it. Where the kernel has no watch left, nothing is watched: the
 * worker looks by itself now and then.
 * @param db `file:PATH`
 */
export function watchDatabase(db: string, { onChange, onGone }: DatabaseWatch): () => void {
  const path = db.slice("file:".length);
  const names = new Set([basename(path), `${basename(path)}-wal`]);
  let looks: NodeJS.Timeout[] = [];
  const lookLater = (): void => {
    for (const look of looks) clearTimeout(look);
    looks = LOOKS_AFTER_MS.map((ms) => setTimeout(onChange, ms));
  };
  const watcher = tryWatch(dirname(path), (name) => {
    if (!names.has(name)) return;
    if (existsSync(path)) lookLater();
    else onGone();
  });
  return () => {
    watcher?.close();
    for (const look of looks) clearTimeout(look);
  };
}

function tryWatch(directory: string, onEvent: (name: string) => void): FSWatcher | null {
  try {
    const watcher = watch(directory, { persistent: false }, (_event, name) => {
      if (name !== null) onEvent(name);
    });
    watcher.on("error", () => watcher.close());
    return watcher;
  } catch (error) {
    if (hasCode(error, "ENOSPC", "EMFILE", "ENFILE")) return null;
    throw error;
  }
}
