import { mkdirSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { syncPath } from "./sync-path.ts";

/**
 * Makes a directory and its missing parents, 0700, durably. Not by `recursive`: on Node 20 that never returns where a file system
 * answers ENOENT to every mkdir, as /proc does.
 * @throws what mkdir(2) or stat(2) says
 */
export function makeDirectory(path: string): void {
  const parent = dirname(path);
  if (parent !== path && statSync(parent, { throwIfNoEntry: false }) === undefined) makeDirectory(parent);
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    if (statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true) throw error;
  }
  // also of one that another process has just made: what is put into it must not be lost with its name
  syncPath(parent);
}
