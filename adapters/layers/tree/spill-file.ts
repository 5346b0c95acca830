import { addressOf } from "../../linux/ffi.ts";
import { readAt, writeAt } from "../../linux/file-calls.ts";
import { type CString, openScratchFileAt } from "../../linux/openat.ts";
import type { Spill } from "./directory-log.ts";

/** A file without a name, open as long as the process lives. */
export class SpillFile implements Spill {
  readonly #fd: number;
  #sizeBytes = 0;

  /** @param name free in `dir`; there for a moment only @throws {SystemCallError} */
  constructor(dir: number, name: CString) {
    this.#fd = openScratchFileAt(dir, name);
  }

  write(bytes: Uint8Array): void {
    writeAt(this.#fd, addressOf(bytes), bytes.length, this.#sizeBytes);
    this.#sizeBytes += bytes.length;
  }

  read(into: Uint8Array, position: number): number {
    return readAt(this.#fd, into, position);
  }
}
