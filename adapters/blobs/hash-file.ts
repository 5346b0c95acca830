import { createHash, type Hash } from "node:crypto";
import type { FileHandle } from "node:fs/promises";
import type { Digest } from "../../core/digests.ts";

const CHUNK_BYTES = 1024 * 1024;

/**
 * The running SHA-256 of a file's first `sizeBytes` bytes, to go on from. The event loop has its turn after every MiB.
 * @throws {SystemCallError} EIO
 */
export async function hashPrefix(handle: FileHandle, sizeBytes: number): Promise<Hash> {
  const hash = createHash("sha256");
  const chunk = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, sizeBytes));
  for (let position = 0; position < sizeBytes; ) {
    const wanted = Math.min(chunk.length, sizeBytes - position);
    const { bytesRead } = await handle.read(chunk, 0, wanted, position);
    if (bytesRead === 0) throw new Error(`a file of ${sizeBytes} bytes ended after ${position} while it was hashed`);
    hash.update(chunk.subarray(0, bytesRead));
    position += bytesRead;
  }
  return hash;
}

/** The digest of everything that a running hash has seen; it can go on afterwards. */
export function digestOf(hash: Hash): Digest {
  return `sha256:${hash.copy().digest("hex")}`;
}
