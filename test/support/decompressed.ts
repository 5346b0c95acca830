import { openPlainBytes } from "../../adapters/layers/decompress/open-plain-bytes.ts";
import type { PlainBytes } from "../../adapters/layers/decompress/plain-bytes.ts";
import type { StoredBytes } from "../../adapters/layers/decompress/stored-bytes.ts";
import { ImgstoreError } from "../../core/errors.ts";
import { storedInPieces } from "./stored-pieces.ts";

/** How stored bytes are opened; by what they contain unless a test wants a certain decoder. */
export type Open = (stored: StoredBytes) => PlainBytes;

/** All plain bytes of a stored archive. */
export async function decompressed(stored: Uint8Array, open: Open = openPlainBytes): Promise<Buffer> {
  return allOf(open(storedInPieces(stored)));
}

/**
 * All of the plain bytes, read into a slot of this size in memory that threads could share. They are closed, whatever
 * came of it.
 * @throws where there is more after an end, or what lies around the slot was written to
 */
export async function allOf(plain: PlainBytes, slotBytes = 256 * 1024): Promise<Buffer> {
  const memory = new Uint8Array(new SharedArrayBuffer(GUARD_BYTES + slotBytes + GUARD_BYTES));
  try {
    return await readAll(plain, memory.subarray(GUARD_BYTES, GUARD_BYTES + slotBytes));
  } finally {
    plain.close();
    checkGuards(memory);
  }
}

const GUARD_BYTES = 4096;
const GUARD = Buffer.alloc(GUARD_BYTES);

async function readAll(plain: PlainBytes, slot: Uint8Array): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = slot.length;
  while (length === slot.length) {
    length = await plain.read(slot);
    chunks.push(Buffer.from(slot.subarray(0, length)));
  }
  if ((await plain.read(slot)) > 0) throw new Error("there was more after an end");
  return Buffer.concat(chunks);
}

function checkGuards(memory: Uint8Array): void {
  for (const guard of [memory.subarray(0, GUARD_BYTES), memory.subarray(-GUARD_BYTES)]) {
    if (!GUARD.equals(guard)) throw new Error("it wrote beyond the slot");
  }
}

/** The error that decompressing ends in. @throws when it does not */
export async function decompressionError(stored: Uint8Array, open?: Open): Promise<ImgstoreError> {
  const error = await decompressed(stored, open).then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof ImgstoreError)) throw new Error("it was decompressed", { cause: error });
  return error;
}
