import type { Attributes } from "../../../core/archive/plan.ts";
import type { Place } from "../../../core/archive/refusal.ts";
import { addressOf } from "../../linux/ffi.ts";
import { closeFile, reserveSpace, setSize, writeAt } from "../../linux/file-calls.ts";
import { type CString, createFileAt } from "../../linux/openat.ts";
import { type Newborn, setAttributes } from "./metadata.ts";

/** The file system finds room for smaller files as well when it writes them. */
const RESERVED_FROM_BYTES = 8 * 2 ** 20;
/** A header that lies must not fill the disk before a byte of its file has come. */
const MOST_RESERVED_BYTES = 256 * 2 ** 20;

/** A regular file that is to be. */
export interface NewFile {
  readonly attributes: Attributes;
  readonly sizeBytes: number;
  readonly isSparse: boolean;
}

/** Writes regular files, one after the other. */
export class FileWriter {
  readonly #newborn: Newborn;
  #open: { readonly fd: number; readonly file: NewFile; readonly place: Place } | null = null;
  #bytes: Uint8Array = new Uint8Array(0);
  #address = 0;

  constructor(newborn: Newborn) {
    this.#newborn = newborn;
  }

  /** @throws {SystemCallError} EEXIST and others */
  begin(dir: number, name: CString, file: NewFile, place: Place): void {
    // special bits come last: owner changes and writes would clear them
    const fd = createFileAt(dir, name, file.attributes.mode & 0o777);
    this.#open = { fd, file, place };
    if (!file.isSparse && file.sizeBytes >= RESERVED_FROM_BYTES) {
      reserveSpace(fd, Math.min(file.sizeBytes, MOST_RESERVED_BYTES));
    }
  }

  /** Contents of the file that is open; nothing when none is. @throws {SystemCallError} ENOSPC and others */
  content(bytes: Uint8Array, start: number, end: number, position: number): void {
    if (this.#open === null) return;
    if (bytes !== this.#bytes) {
      this.#bytes = bytes;
      this.#address = addressOf(bytes);
    }
    writeAt(this.#open.fd, this.#address + start, end - start, position);
  }

  /** The file is whole; nothing when none is open. @throws {SystemCallError} */
  end(): void {
    if (this.#open === null) return;
    const { fd, file, place } = this.#open;
    if (file.isSparse) setSize(fd, file.sizeBytes);
    setAttributes(fd, file.attributes, this.#newborn, place);
    this.#open = null;
    closeFile(fd);
  }
}
