import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type Digest, hexOf } from "../../core/digests.ts";

/** A diffId that stands for a name. */
export function diffIdOf(name: string): Digest {
  return `sha256:${createHash("sha256").update(name).digest("hex")}`;
}

/** Publishes a tree of text files (by path below the layer's root) as the layer of a name. */
export function makeLayer(
  root: string,
  name: string,
  files: Readonly<Record<string, string>>,
): { readonly diffId: Digest; readonly path: string } {
  const diffId = diffIdOf(name);
  const path = join(root, "images", hexOf(diffId));
  mkdirSync(path, { recursive: true });
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(path, file)), { recursive: true });
    writeFileSync(join(path, file), text);
  }
  return { diffId, path };
}
