import { gunzipWithIsal, type Isal, type IsalLayout } from "./isal-member.ts";
import type { StoredBytes } from "./stored-bytes.ts";

/**
 * Whether libisal's state is laid out so: two members are decoded as what they are, and a wrong checksum is found wrong.
 * Takes 2 ms, most of them for code that runs for the first time and is needed again.
 */
export function isLayoutRight(isal: Isal, layout: IsalLayout): boolean {
  return decoded(STORED, isal, layout) === PLAIN && decoded(DAMAGED, isal, layout) === null;
}

const PLAIN = "a member of a gzip file, a member of a gzip file, and of no other file";

/** By `gzip -9 --no-name`, in two members. */
const STORED = Buffer.from(
  "H4sIAAAAAAACA0tUyE3NTUotUshPU0hUSK/KLFBIy8xJ1QFyEBIASCw30CUAAAAf" +
    "iwgAAAAAAAIDS1RIr8osUEjLzEnVUUjMS1HIT1PIy1fIL8lILQKLAgAvZ6t8IQAAAA==",
  "base64",
);

/** The last member's checksum is another. */
const DAMAGED = STORED.map((byte, index) => (index === STORED.length - 8 ? byte ^ 1 : byte));

/** Null where it fails, in whatever way: a wrong layout makes no difference between errors. */
function decoded(stored: Uint8Array, isal: Isal, layout: IsalLayout): string | null {
  const plain = gunzipWithIsal(inPieces(stored), isal, layout);
  const into = new Uint8Array(2 * PLAIN.length);
  try {
    return Buffer.from(into.subarray(0, Number(plain.read(into)))).toString("latin1");
  } catch {
    return null;
  } finally {
    plain.close();
  }
}

/** Pieces of some bytes make the library keep what it lacks the rest of. */
function inPieces(stored: Uint8Array): StoredBytes {
  const PIECE_BYTES = 5;
  let readBytes = 0;
  return {
    get readBytes() {
      return readBytes;
    },
    peek: (length) => stored.subarray(0, length),
    next: (into) => {
      const piece = stored.subarray(readBytes, readBytes + PIECE_BYTES);
      into.set(piece);
      readBytes += piece.length;
      return piece.length;
    },
  };
}
