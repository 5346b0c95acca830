import { addressOf } from "../../linux/ffi.ts";

/** More of it, or larger ones, are not faster and cost memory. */
const SLOT_BYTES = 256 * 1024;
const SLOT_COUNT = 16;

/** The memory of the slots. */
export function createSlotMemory(): SharedArrayBuffer {
  return new SharedArrayBuffer(SLOT_BYTES * SLOT_COUNT);
}

/**
 * Pieces of the plain archive in shared memory, filled in turn. Whoever reads one only reads it; it is filled again when
 * what was asked for with it is done.
 */
export class PlainSlots {
  readonly #slots: readonly Uint8Array[];
  readonly #usedUntil: number[] = [];
  #next = 0;

  constructor(memory: SharedArrayBuffer) {
    this.#slots = Array.from({ length: SLOT_COUNT }, (_, i) => new Uint8Array(memory, i * SLOT_BYTES, SLOT_BYTES));
  }

  /**
   * The slot that was filled longest ago.
   * @param waitUntil blocks until everything up to a position is done with
   */
  take(waitUntil: (position: number) => void): Uint8Array {
    const slot = this.#slots[this.#next];
    if (slot === undefined) throw new Error("there is no such slot");
    const position = this.#usedUntil[this.#next];
    if (position !== undefined) waitUntil(position);
    return slot;
  }

  /** What was asked for with the slot that was taken last ends at a position. */
  used(position: number): void {
    this.#usedUntil[this.#next] = position;
    this.#next = (this.#next + 1) % SLOT_COUNT;
  }
}

/** Where the slots' memory begins in this process. The caller keeps it alive. */
export function addressOfSlots(memory: SharedArrayBuffer): number {
  return addressOf(new Uint8Array(memory));
}
