import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { sha256 } from "./faulty-server.ts";

export interface SmallImage {
  readonly path: string;
  readonly bytes: Buffer;
  readonly digest: `sha256:${string}`;
}

/** A little root file system as a .tar.gz in a directory; the same content gives the same bytes. */
export function makeSmallImage(directory: string, content = "one"): SmallImage {
  const tree = join(directory, `tree-${content}`);
  mkdirSync(join(tree, "etc"), { recursive: true });
  mkdirSync(join(tree, "bin"));
  writeFileSync(join(tree, "etc", "content"), `${content}\n`);
  writeFileSync(join(tree, "bin", "tool"), "#!/bin/sh\n", { mode: 0o755 });
  const path = join(directory, `${content}.tar.gz`);
  execFileSync("tar", ["--sort=name", "--mtime=@1700000000", "--owner=0", "--group=0", "-C", tree, "-czf", path, "."]);
  const bytes = readFileSync(path);
  return { path, bytes, digest: sha256(bytes) };
}
