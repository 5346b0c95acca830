import { latin1, shown } from "../../../core/archive/bytes.ts";

/** Enough for every device that any /dev has; what is beyond is counted only. */
const MAX_REMEMBERED = 4096;
const MAX_NAMED = 10;

/** The devices of an archive that this process may not make: they are left out of the tree, and said to be. */
export class SkippedDevices {
  readonly #paths = new Set<string>();
  readonly #names: string[] = [];
  #count = 0;

  add(path: Uint8Array): void {
    this.#count++;
    if (this.#names.length < MAX_NAMED) this.#names.push(shown(path));
    if (this.#paths.size < MAX_REMEMBERED) this.#paths.add(latin1(path));
  }

  /** Whether something of that path was left out: a hard link to it is left out, too. */
  has(path: Uint8Array): boolean {
    return this.#paths.has(latin1(path));
  }

  get count(): number {
    return this.#count;
  }

  /** The first ones, as they may be shown. */
  get firstNames(): readonly string[] {
    return this.#names;
  }
}
