import { type Confinement, WALLS } from "../../linux/confine.ts";

const IS_OPEN = 0;
const ROOT = 1;
const WALL = 2;

/** Where one thread waits until another one has confined itself, and learns to what. */
export class ConfinementGate {
  /** To be given to the other thread, which makes its end of it. */
  readonly memory: SharedArrayBuffer;
  readonly #words: Int32Array;

  constructor(memory: SharedArrayBuffer = new SharedArrayBuffer(3 * Int32Array.BYTES_PER_ELEMENT)) {
    this.memory = memory;
    this.#words = new Int32Array(memory);
  }

  open({ root, wall }: Confinement): void {
    this.#words[ROOT] = root;
    this.#words[WALL] = WALLS.indexOf(wall);
    Atomics.store(this.#words, IS_OPEN, 1);
    Atomics.notify(this.#words, IS_OPEN);
  }

  /** Blocks until it is open. */
  wait(): Confinement {
    Atomics.wait(this.#words, IS_OPEN, 0);
    const [, root = -1, wall = 0] = this.#words;
    return { root, wall: WALLS[wall] ?? "none" };
  }
}
