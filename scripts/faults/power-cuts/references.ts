import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { Fixtures } from "../crash/fixtures.ts";

/** Directories with the trees that GNU tar makes of layers, by the layers' diffIds. */
export type References = Readonly<Record<string, string>>;

/** The trees of everything that the fixtures' images consist of. @param directory an empty one */
export function makeReferences({ tar, otherTar, archive }: Fixtures, directory: string): References {
  const images = join(directory, "images");
  mkdirSync(images);
  execFileSync("tar", ["-xf", archive.path, "-C", images]);
  const layers = readdirSync(images).filter((name) => name.endsWith(".tar"));
  const paths = [tar.path, otherTar.path, ...layers.map((name) => join(images, name))];
  return Object.fromEntries(paths.map((path, index) => extract(path, join(directory, `tree-${index}`))));
}

function extract(path: string, tree: string): [diffId: string, tree: string] {
  mkdirSync(tree);
  const plain = path.endsWith(".gz") ? execFileSync("gzip", ["-dc", path], PIPE) : execFileSync("cat", [path], PIPE);
  execFileSync("tar", ["-xpf", path, "-C", tree]);
  return [`sha256:${createHash("sha256").update(plain).digest("hex")}`, tree];
}

const PIPE = { maxBuffer: 2 ** 30 };
