import { nextDataAt, readAt } from "../../linux/file-calls.ts";

const PIECE_BYTES = 2 ** 20;
const pieces: readonly [Buffer, Buffer] = [Buffer.allocUnsafe(PIECE_BYTES), Buffer.allocUnsafe(PIECE_BYTES)];

/**
 * Whether two open files of the same size hold the same bytes. What is a hole in both is not read: a sparse file may be
 * larger than any disk.
 * @throws {SystemCallError}
 */
export function haveSameContents(one: number, other: number, sizeBytes: number): boolean {
  for (let at = nextData(one, other, 0, sizeBytes); at < sizeBytes; at = nextData(one, other, at, sizeBytes)) {
    const lengths = [readAt(one, pieces[0], at), readAt(other, pieces[1], at)] as const;
    if (lengths[0] !== lengths[1]) return false;
    if (!pieces[0].subarray(0, lengths[0]).equals(pieces[1].subarray(0, lengths[1]))) return false;
    if (lengths[0] === 0) return true;
    at += lengths[0];
  }
  return true;
}

function nextData(one: number, other: number, position: number, sizeBytes: number): number {
  return Math.min(nextDataAt(one, position) ?? sizeBytes, nextDataAt(other, position) ?? sizeBytes);
}
