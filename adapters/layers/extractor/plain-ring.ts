/** Larger pieces, or more of them, are not faster and cost memory. */
export const PIECE_BYTES: number = 256 * 1024;
const PIECES = 16;

/** Two words that threads sleep on, then a number and a length for each piece, then the pieces. */
const ABOUT_AT = 16;
const ABOUT_BYTES = 16;
const PIECES_AT = ABOUT_AT + PIECES * ABOUT_BYTES;

/** Words: how many pieces were filled, and how many are done with, in their upper bits; in their lower ones, an end. */
const FILLED = 0;
const DONE = 1;
const COUNT_SHIFT = 2;
/** Of the filled ones: the last one was it; nothing of them counts. Of those done with: nobody takes any more. */
const IS_WHOLE = 1;
const IS_GIVEN_UP = 2;
const HAS_LEFT = 1;

/** A piece of the plain archive. */
export interface PlainPiece {
  /** Good until it is done with. */
  readonly bytes: Uint8Array;
  /** How much of the stored archive was there when it was decoded. */
  readonly storedBytes: number;
}

/** The memory of a ring, for the two threads that share it. */
export function createRingMemory(): SharedArrayBuffer {
  return new SharedArrayBuffer(PIECES_AT + PIECES * PIECE_BYTES);
}

/**
 * Pieces of a plain archive on their way from the thread that decodes them to the one that makes a tree of them, in
 * shared memory, filled in turn. Each end blocks where it has to wait for the other.
 */
class RingEnd {
  protected readonly words: Int32Array;
  readonly #memory: SharedArrayBuffer;

  constructor(memory: SharedArrayBuffer) {
    this.#memory = memory;
    this.words = new Int32Array(memory, 0, 2);
  }

  protected piece(count: number): Uint8Array {
    return new Uint8Array(this.#memory, PIECES_AT + (count % PIECES) * PIECE_BYTES, PIECE_BYTES);
  }

  /** What is said of a piece: its length, how much was stored. */
  protected about(count: number): DataView {
    return new DataView(this.#memory, ABOUT_AT + (count % PIECES) * ABOUT_BYTES, ABOUT_BYTES);
  }

  protected say(word: number, count: number, end = 0): void {
    Atomics.store(this.words, word, (count << COUNT_SHIFT) | end);
    Atomics.notify(this.words, word);
  }
}

export class RingProducer extends RingEnd {
  #count = 0;

  /** A free piece, to be filled; null where the other end takes no more. */
  take(): Uint8Array | null {
    for (;;) {
      const done = Atomics.load(this.words, DONE);
      if ((done & HAS_LEFT) !== 0) return null;
      if (this.#count - (done >> COUNT_SHIFT) < PIECES) return this.piece(this.#count);
      Atomics.wait(this.words, DONE, done);
    }
  }

  /** Hands the piece over that was taken last. */
  put(lengthBytes: number, storedBytes: number): void {
    const about = this.about(this.#count);
    about.setUint32(0, lengthBytes);
    about.setFloat64(8, storedBytes);
    this.#count++;
    this.say(FILLED, this.#count);
  }

  /** There are no more pieces: the archive is whole, or else nothing of it counts. Blocks until the other end has left. */
  end(isWhole: boolean): void {
    this.say(FILLED, this.#count, isWhole ? IS_WHOLE : IS_GIVEN_UP);
    for (;;) {
      const done = Atomics.load(this.words, DONE);
      if ((done & HAS_LEFT) !== 0) return;
      Atomics.wait(this.words, DONE, done);
    }
  }
}

export class RingConsumer extends RingEnd {
  #count = 0;

  /** The next piece; an end where there is none any more. */
  next(): PlainPiece | "whole" | "given-up" {
    for (;;) {
      const filled = Atomics.load(this.words, FILLED);
      if (filled >> COUNT_SHIFT > this.#count) {
        const about = this.about(this.#count);
        const bytes = this.piece(this.#count).subarray(0, about.getUint32(0));
        return { bytes, storedBytes: about.getFloat64(8) };
      }
      if ((filled & IS_WHOLE) !== 0) return "whole";
      if ((filled & IS_GIVEN_UP) !== 0) return "given-up";
      Atomics.wait(this.words, FILLED, filled);
    }
  }

  /** The piece that was given last may be filled again. */
  done(): void {
    this.#count++;
    this.say(DONE, this.#count);
  }

  /** Takes no more. */
  leave(): void {
    this.say(DONE, this.#count, HAS_LEFT);
  }
}
