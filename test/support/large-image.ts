import { execFileSync } from "node:child_process";
import { createHash, randomFillSync } from "node:crypto";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { sha256 } from "./faulty-server.ts";
import type { SmallImage } from "./small-image.ts";

export interface LargeImageShape {
  readonly files: number;
  readonly fileBytes: number;
}

export interface LargeImage extends SmallImage {
  /** Digest of each file of the tree, by its name. */
  readonly files: Readonly<Record<string, string>>;
}

/** A root file system of files that cannot be compressed, as a plain tar in a directory. */
export function makeLargeImage(directory: string, { files, fileBytes }: LargeImageShape): LargeImage {
  const tree = join(directory, "large-tree");
  mkdirSync(tree);
  const digests: Record<string, string> = {};
  const content = Buffer.alloc(fileBytes);
  for (let index = 0; index < files; index += 1) {
    const name = `file-${index}`;
    writeFileSync(join(tree, name), randomFillSync(content));
    digests[name] = createHash("sha256").update(content).digest("hex");
  }
  const path = join(directory, "large.tar");
  execFileSync("tar", ["--sort=name", "--owner=0", "--group=0", "-C", tree, "-cf", path, "."]);
  rmSync(tree, { recursive: true });
  const bytes = readFileSync(path);
  return { path, bytes, digest: sha256(bytes), files: digests };
}
