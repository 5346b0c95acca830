import { execFileSync } from "node:child_process";

/** What an archive can be compressed with, and the command that does it. */
export type Compression = "gzip" | "zstd" | "xz" | "bzip2";

export const COMPRESSIONS: readonly Compression[] = ["gzip", "zstd", "xz", "bzip2"];

/** Bytes as the command line compresses them. */
export function compressed(command: Compression, plain: Uint8Array, options: readonly string[] = []): Buffer {
  return filtered(command, ["--stdout", ...options], plain);
}

/** Bytes as the command line decompresses them. @throws where it will not */
export function decompressedByCommand(command: Compression, stored: Uint8Array): Buffer {
  return filtered(command, ["--decompress", "--stdout"], stored);
}

/** What a command that reads stdin makes of bytes. @throws where it fails */
export function filtered(command: string, options: readonly string[], input: Uint8Array): Buffer {
  return execFileSync(command, options, { input, maxBuffer: 2 ** 30, stdio: ["pipe", "pipe", "ignore"] });
}
