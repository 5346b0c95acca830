import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";

/** Archives a directory with everything that GNU tar can keep of it in a format (attributes only in `posix`). */
export function createWithGnuTar(directory: string, format = "posix", options: readonly string[] = []): Buffer {
  const xattrs = format === "posix" ? ["--xattrs", "--xattrs-include=*"] : [];
  const all = [...xattrs, "--numeric-owner", `--format=${format}`, ...options, "-C", directory, "-cf", "-", "."];
  return execFileSync("tar", all, { maxBuffer: 2 ** 30, stdio: ["ignore", "pipe", "ignore"] });
}

/** Unpacks an archive (plain or gzip, in a file) with everything that GNU tar can restore. */
export function extractWithGnuTar(archivePath: string, directory: string): void {
  mkdirSync(directory);
  const all = [
    "--xattrs",
    "--xattrs-include=*",
    "--numeric-owner",
    "--same-owner",
    "-C",
    directory,
    "-xpf",
    archivePath,
  ];
  execFileSync("tar", all, { stdio: ["ignore", "ignore", "ignore"] });
}
