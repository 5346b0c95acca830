import type { SparseMap } from "./sparse.ts";

/** Walks an entry's stored bytes and tells where in the file each stretch of them belongs. */
export class ContentCursor {
  readonly #storedBytes: number;
  readonly #map: SparseMap | null;
  #taken = 0;
  #stretch = 0;
  #within = 0;

  /** @param map null for a file without holes */
  constructor(storedBytes: number, map: SparseMap | null) {
    this.#storedBytes = storedBytes;
    this.#map = map;
  }

  get isAtEnd(): boolean {
    return this.#taken === this.#storedBytes;
  }

  /** Whether the map's stretches add up to what is stored. */
  get isMapOfAll(): boolean {
    return this.#map !== null && this.#map.lengths.reduce((sum, length) => sum + length, 0) === this.#storedBytes;
  }

  /** Takes as many of the available bytes as lie together in the file. */
  next(available: number): { readonly position: number; readonly length: number } {
    if (this.#map === null) {
      const position = this.#taken;
      const length = Math.min(available, this.#storedBytes - position);
      this.#taken += length;
      return { position, length };
    }
    const start = this.#map.offsets[this.#stretch] ?? 0;
    const whole = this.#map.lengths[this.#stretch] ?? 0;
    const position = start + this.#within;
    const length = Math.min(available, whole - this.#within);
    this.#within += length;
    this.#taken += length;
    if (this.#within === whole) {
      this.#stretch++;
      this.#within = 0;
    }
    return { position, length };
  }
}
