import { execFileSync } from "node:child_process";
import { mkdtempSync, rmdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A file system of its own that is soon full. Needs root. */
export interface SmallDisk {
  readonly path: string;
  /** Gives it so many inodes from now on. */
  setInodes(inodes: number): void;
  remove(): void;
}

/** @param inodes how many there may be; default: more than any test needs */
export function mountSmallDisk(sizeBytes: number, inodes = 100_000): SmallDisk {
  const path = mkdtempSync(join(tmpdir(), "imgstore-disk-"));
  execFileSync("mount", ["-t", "tmpfs", "-o", `size=${sizeBytes},nr_inodes=${inodes},mode=700`, "imgstore-test", path]);
  return {
    path,
    setInodes: (count) => execFileSync("mount", ["-o", `remount,nr_inodes=${count}`, path]),
    remove() {
      // lazily: a connection to a database that was closed lets go of its files when it is collected
      execFileSync("umount", ["--lazy", path]);
      rmdirSync(path);
    },
  };
}
