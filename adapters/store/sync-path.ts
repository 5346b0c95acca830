import { closeSync, fsyncSync, openSync } from "node:fs";

/**
 * Makes a file's bytes, or the names in a directory, durable. Blocks: for what is done once in the life of a store.
 * @throws {SystemCallError}
 */
export function syncPath(path: string): void {
  const fd = openSync(path, "r");
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
