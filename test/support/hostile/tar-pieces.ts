/** Size of a block of a tar. */
const BLOCK = 512;

/** A plain archive as its members, each a header with what follows it; whatever comes after the last one is one, too. */
export function tarPieces(archive: Uint8Array): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < archive.length; ) {
    const header = archive.subarray(at, at + BLOCK);
    const isMember = header.length === BLOCK && header.some((byte) => byte !== 0);
    const length = isMember ? BLOCK + Math.ceil(sizeIn(header) / BLOCK) * BLOCK : archive.length - at;
    pieces.push(archive.subarray(at, at + length));
    at += length;
  }
  return pieces;
}

/** The same member with bytes put at an offset of its header, whose checksum is right again. */
export function withField(piece: Uint8Array, offset: number, bytes: Uint8Array): Uint8Array {
  if (piece.length < BLOCK) return piece;
  const changed = Buffer.from(piece);
  Buffer.from(bytes).copy(changed, offset, 0, Math.max(0, BLOCK - offset));
  changed.fill(" ", 148, 156);
  const sum = changed.subarray(0, BLOCK).reduce((total, byte) => total + byte, 0);
  changed.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  return changed;
}

/** Of what is stored; only small ones are believed. */
function sizeIn(header: Uint8Array): number {
  const size = Number.parseInt(Buffer.from(header.subarray(124, 136)).toString("latin1"), 8);
  return Number.isSafeInteger(size) && size < 2 ** 24 ? size : 0;
}
