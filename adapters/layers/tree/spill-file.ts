import { addressOf } from "../../linux/ffi.ts";
import { closeFile, readAt, writeAt } from "../../linux/file-calls.ts";
import { type CString, openScratchFileAt } from "../../linux/openat.ts";
import type { Spill } from "./directory-log.ts";

/** A file without a name, made when the first byte is written. */
export class SpillFile implements Spill {
  readonly #dir: number;
  readonly #name: CString;
  #fd: number | null = null;
  #sizeBytes = 0;

  /** @param name free in `dir`; there for a moment only */
  constructor(dir: number, name: CString) {
    this.#dir = dir;
    this.#name = name;
  }

  write(bytes: Uint8Array): void {
    this.#fd ??= openScratchFileAt(this.#dir, this.#name);
    writeAt(this.#fd, addressOf(bytes), bytes.length, this.#sizeBytes);
    this.#sizeBytes += bytes.length;
  }

  read(into: Uint8Array, position: number): number {
    return this.#fd === null ? 0 : readAt(this.#fd, into, position);
  }

  close(): void {
    if (this.#fd !== null) closeFile(this.#fd);
    this.#fd = null;
  }
}
