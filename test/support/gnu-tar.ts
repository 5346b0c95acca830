import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { hexOf } from "../../core/digests.ts";
import { differences } from "../../scripts/faults/audit/describe-tree.ts";
import type { Unpacking, UnpackOptions } from "./unpacking.ts";

const WITH_XATTRS = ["--xattrs", "--xattrs-include=*"];

/** Archives a directory with everything that GNU tar can keep of it in a format (attributes only in `posix`). */
export function createWithGnuTar(directory: string, format = "posix", options: readonly string[] = []): Buffer {
  const xattrs = format === "posix" ? WITH_XATTRS : [];
  const all = [...xattrs, "--numeric-owner", `--format=${format}`, ...options, "-C", directory, "-cf", "-", "."];
  return execFileSync("tar", all, { maxBuffer: 2 ** 30, stdio: ["ignore", "pipe", "ignore"] });
}

/** Archives a directory with everything that bsdtar can keep of it. */
export function createWithBsdtar(directory: string): Buffer {
  const all = ["--format=pax", "--xattrs", "--acls", "-C", directory, "-cf", "-", "."];
  return execFileSync("bsdtar", all, { maxBuffer: 2 ** 30, stdio: ["ignore", "pipe", "ignore"] });
}

/** Unpacks an archive (compressed or not, in a file) with everything that GNU tar can restore, in whatever order it is. */
export function extractWithGnuTar(
  archivePath: string,
  directory: string,
  options: readonly string[] = ["--acls"],
): void {
  mkdirSync(directory);
  const all = [...WITH_XATTRS, ...options, "--numeric-owner", "--same-owner", "--delay-directory-restore"];
  execFileSync("tar", [...all, "-C", directory, "-xpf", archivePath], { stdio: ["ignore", "ignore", "ignore"] });
}

/** Unpacks an archive with both; how our tree differs from GNU tar's, and where ours is. */
export async function compareWithGnuTar(
  unpacking: Unpacking,
  archive: Uint8Array,
  options: UnpackOptions & { readonly gnuTarOptions?: readonly string[] } = {},
): Promise<{ readonly differing: string[]; readonly tree: string }> {
  const blob = unpacking.store(archive);
  const theirs = join(unpacking.home, "gnu");
  extractWithGnuTar(join(unpacking.root, "blobs", hexOf(blob)), theirs, options.gnuTarOptions);
  const { name } = await unpacking.unpack(blob, options);
  const tree = join(unpacking.root, "tmp", name);
  return { differing: differences(tree, theirs), tree };
}
