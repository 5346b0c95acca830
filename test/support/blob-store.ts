import { readdirSync } from "node:fs";
import { createBlobs } from "../../adapters/blobs/blobs.ts";
import { type Digest, hexOf } from "../../core/digests.ts";
import type { Blobs, PartialBlob } from "../../core/ports/blobs.ts";
import { makeTemporaryStore } from "./temporary-store.ts";

/** A temporary store's blobs, and where they lie. */
export interface BlobStore {
  readonly blobs: Blobs;
  path(...parts: string[]): string;
  blobPath(digest: Digest): string;
  partialPath(digest: Digest): string;
  /** The names under `blobs/` and `tmp/`, sorted. */
  names(): string[];
  remove(): Promise<void>;
}

export function makeBlobStore(): BlobStore {
  const store = makeTemporaryStore();
  const blobPath = (digest: Digest): string => store.path("blobs", hexOf(digest));
  return {
    blobs: createBlobs({ root: store.root }),
    path: (...parts) => store.path(...parts),
    blobPath,
    partialPath: (digest) => `${blobPath(digest)}.tmp`,
    names: () => ["blobs", "tmp"].flatMap((folder) => readdirSync(store.path(folder))).toSorted(),
    remove: () => store.remove(),
  };
}

/** A stream of bytes in pieces. */
export async function* inPieces(bytes: Uint8Array, pieceBytes = 65_536): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes);
}

/** Appends without a limit. */
export function append(partial: PartialBlob, bytes: Uint8Array, pieceBytes?: number): Promise<void> {
  return partial.append(inPieces(bytes, pieceBytes), { maxBytes: Number.MAX_SAFE_INTEGER }, () => {});
}
