import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { lstat, mkdir, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { pipeline } from "node:stream/promises";
import { promisify } from "node:util";
import { packageRoot } from "../../adapters/package-files.ts";

const run = promisify(execFile);

export interface DebianRootfs {
  /** A .tar.gz; shared between tests and runs, never to be written. */
  readonly path: string;
  /** Hexadecimal, of the file. */
  readonly sha256: string;
  /** More than 5,000. */
  readonly entries: number;
}

let built: Promise<DebianRootfs> | undefined;

/**
 * A real Debian root file system, built with mmdebstrap by whoever asks first (about half a minute) and kept for later
 * runs in a cache in the temporary directory, under a name that follows from what builds it. Needs root.
 */
export function debianRootfs(): Promise<DebianRootfs> {
  built ??= build();
  return built;
}

async function build(): Promise<DebianRootfs> {
  const script = `${packageRoot}scripts/create-debian-rootfs.sh`;
  const recipe = createHash("sha256")
    .update(await readFile(script))
    .digest("hex")
    .slice(0, 16);
  const path = `${await cacheDirectory()}/debian-${recipe}.tar.gz`;
  // one builder at a time, over all test processes; who waited finds it done
  await run("flock", [`${path}.lock`, "bash", "-c", '[ -e "$2" ] || bash "$1" "$2"', "bash", script, path]);
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash);
  const listing = await run("tar", ["--list", "--gzip", "--file", path], { maxBuffer: 2 ** 26 });
  return { path, sha256: hash.digest("hex"), entries: listing.stdout.split("\n").length - 1 };
}

/** Ours alone: what another user may have put there is not taken for an image. */
async function cacheDirectory(): Promise<string> {
  const directory = `${tmpdir()}/imgstore-test-cache-${process.getuid?.() ?? 0}`;
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const found = await lstat(directory);
  if (!found.isDirectory() || found.uid !== process.getuid?.()) throw new Error(`"${directory}" is not ours`);
  return directory;
}
