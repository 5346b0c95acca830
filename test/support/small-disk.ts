import { execFileSync } from "node:child_process";
import { mkdtempSync, rmdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A file system of its own that is soon full. Needs root. */
export interface SmallDisk {
  readonly path: string;
  remove(): void;
}

export function mountSmallDisk(sizeBytes: number): SmallDisk {
  const path = mkdtempSync(join(tmpdir(), "imgstore-disk-"));
  execFileSync("mount", ["-t", "tmpfs", "-o", `size=${sizeBytes},mode=700`, "imgstore-test", path]);
  return {
    path,
    remove() {
      // lazily: a connection to a database that was closed lets go of its files when it is collected
      execFileSync("umount", ["--lazy", path]);
      rmdirSync(path);
    },
  };
}
