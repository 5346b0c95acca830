import type { StoredBytes } from "../../adapters/layers/decompress/stored-bytes.ts";

/** Stored bytes that arrive in pieces of this size at most. */
export function storedInPieces(stored: Uint8Array, pieceBytes: number = stored.length): StoredBytes {
  let readBytes = 0;
  return {
    get readBytes() {
      return readBytes;
    },
    peek: (length) => stored.subarray(0, length),
    next: (into) => {
      const piece = stored.subarray(readBytes, readBytes + Math.min(pieceBytes, into.length));
      into.set(piece);
      readBytes += piece.length;
      return piece.length;
    },
  };
}
