import { execFileSync } from "node:child_process";

/** What an archive can be compressed with, and the command that does it. */
export type Compression = "gzip" | "zstd" | "xz" | "bzip2";

export const COMPRESSIONS: readonly Compression[] = ["gzip", "zstd", "xz", "bzip2"];

/** Bytes as the command line compresses them. */
export function compressed(command: Compression, plain: Uint8Array, options: readonly string[] = []): Buffer {
  return run(command, ["--stdout", ...options], plain);
}

/** Bytes as the command line decompresses them. @throws where it will not */
export function decompressedByCommand(command: Compression, stored: Uint8Array): Buffer {
  return run(command, ["--decompress", "--stdout"], stored);
}

function run(command: Compression, options: readonly string[], input: Uint8Array): Buffer {
  return execFileSync(command, options, { input, maxBuffer: 2 ** 30, stdio: ["pipe", "pipe", "ignore"] });
}
