import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { linkSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Digest } from "../../../core/digests.ts";
import { type FileServer, serveFile } from "../../serve-file.ts";

export interface FixtureFile {
  readonly path: string;
  readonly digest: Digest;
}

/** What the scenarios fetch. */
export interface Fixtures {
  readonly tar: FixtureFile & { readonly url: string };
  /** What GNU tar makes of `tar`. */
  readonly tree: string;
  readonly otherTar: FixtureFile;
  readonly wrongDigest: Digest;
  readonly notATar: FixtureFile;
  /** A `docker save` of the images a:1 and b:1, which share their lower layer. */
  readonly archive: FixtureFile;
  readonly close: () => Promise<void>;
}

/** Makes them in an empty directory, and serves what has a URL on the loopback address. */
export async function makeFixtures(directory: string): Promise<Fixtures> {
  const path = pack(directory, "image.tar.gz", "image");
  const tree = join(directory, "reference");
  mkdirSync(tree);
  execFileSync("tar", ["-xpzf", path, "-C", tree]);
  const notATar = join(directory, "not-a-tar");
  writeFileSync(notATar, Buffer.alloc(4096, "no tar at all "));
  const server: FileServer = await serveFile(path);
  return {
    tar: { ...fileAt(path), url: server.url },
    tree,
    otherTar: fileAt(pack(directory, "other.tar", "other")),
    wrongDigest: `sha256:${"0".repeat(64)}`,
    notATar: fileAt(notATar),
    archive: fileAt(packImages(directory)),
    close: server.close,
  };
}

function fileAt(path: string): FixtureFile {
  return { path, digest: digestOf(path) };
}

function digestOf(path: string): Digest {
  return `sha256:${createHash("sha256").update(readFileSync(path)).digest("hex")}`;
}

/** A small root file system with something of each kind. */
function pack(directory: string, name: string, content: string): string {
  const tree = join(directory, `tree-of-${name}`);
  mkdirSync(join(tree, "etc", "deep", "er"), { recursive: true });
  writeFileSync(join(tree, "etc", "content"), `${content}\n`);
  writeFileSync(join(tree, "etc", "deep", "er", "large"), Buffer.alloc(300_000, content));
  writeFileSync(join(tree, "tool"), "#!/bin/sh\n", { mode: 0o755 });
  linkSync(join(tree, "tool"), join(tree, "same-tool"));
  symlinkSync("../etc/content", join(tree, "etc", "link"));
  const path = join(directory, name);
  tar(tree, path, name.endsWith(".gz") ? ["--gzip"] : []);
  return path;
}

function tar(tree: string, path: string, options: readonly string[] = []): void {
  const stable = ["--sort=name", "--mtime=@1700000000", "--owner=0", "--group=0"];
  execFileSync("tar", [...stable, ...options, "-C", tree, "-cf", path, "."]);
}

function packImages(directory: string): string {
  const saved = join(directory, "saved");
  mkdirSync(saved);
  const layer = (name: string, content: string): string => {
    const tree = join(directory, `tree-of-${name}`);
    mkdirSync(tree);
    writeFileSync(join(tree, name), content);
    tar(tree, join(saved, `${name}.tar`));
    return `${name}.tar`;
  };
  const shared = layer("shared", "of both");
  const manifest = ["a", "b"].map((image) => {
    const layers = [shared, layer(`own-of-${image}`, image)];
    const diffIds = layers.map((name) => digestOf(join(saved, name)));
    const config = { architecture: "amd64", os: "linux", rootfs: { type: "layers", diff_ids: diffIds } };
    writeFileSync(join(saved, `${image}.json`), JSON.stringify(config));
    return { Config: `${image}.json`, RepoTags: [`${image}:1`], Layers: layers };
  });
  writeFileSync(join(saved, "manifest.json"), JSON.stringify(manifest));
  const path = join(directory, "images.tar");
  tar(saved, path);
  return path;
}
