const BITS = 2 ** 24;
const FNV_PRIME = 0x01000193;
const OTHER_PRIME = 0x85ebca6b;
const THIRD_PRIME = 0xc2b2ae35;

/**
 * Remembers names in directories in a fixed 2 MiB: says for certain that a name is new, and of one that may not be only
 * that (a Bloom filter). Up to a million names, less than two of a hundred new ones are taken for old.
 */
export class NameFilter {
  readonly #bits = new Uint32Array(BITS / 32);

  /**
   * Adds a name of a directory.
   * @param directory any number that is the same for the same directory
   * @param name bytes, with a NUL at the end or not, but always the same way
   * @returns whether it was certainly not there before
   */
  add(directory: number, name: Uint8Array): boolean {
    let first = mixed(directory);
    let second = mixed(first ^ OTHER_PRIME);
    for (const byte of name) {
      first = Math.imul(first ^ byte, FNV_PRIME);
      second = Math.imul(second + byte, OTHER_PRIME) ^ (second >>> 13);
    }
    const isFirstNew = this.#set(mixed(first));
    const isSecondNew = this.#set(mixed(second));
    return isFirstNew || isSecondNew;
  }

  #set(hash: number): boolean {
    const bit = hash & (BITS - 1);
    const word = this.#bits[bit >>> 5] ?? 0;
    const mask = 1 << (bit & 31);
    this.#bits[bit >>> 5] = word | mask;
    return (word & mask) === 0;
  }
}

/** Every bit of a number in every bit of another. @see MurmurHash3, fmix32 */
function mixed(number: number): number {
  let hash = number ^ (number >>> 16);
  hash = Math.imul(hash, OTHER_PRIME);
  hash = Math.imul(hash ^ (hash >>> 13), THIRD_PRIME);
  return hash ^ (hash >>> 16);
}
