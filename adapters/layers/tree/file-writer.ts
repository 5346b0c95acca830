import type { Plan } from "../../../core/archive/plan.ts";
import type { Place } from "../../../core/archive/refusal.ts";
import { addressOf } from "../../linux/ffi.ts";
import { closeFile, setSize, writeAt } from "../../linux/file-calls.ts";
import { type CString, createFileAt } from "../../linux/openat.ts";
import { type Newborn, setAttributes } from "./metadata.ts";

type FilePlan = Extract<Plan, { kind: "file" }>;

/** Writes regular files, one after the other. */
export class FileWriter {
  readonly #newborn: Newborn;
  #open: { readonly fd: number; readonly plan: FilePlan; readonly place: Place } | null = null;
  #bytes: Uint8Array = new Uint8Array(0);
  #address = 0;

  constructor(newborn: Newborn) {
    this.#newborn = newborn;
  }

  /** @throws {SystemCallError} EEXIST and others */
  begin(dir: number, name: CString, plan: FilePlan, place: Place): void {
    // special bits come last: owner changes and writes would clear them
    this.#open = { fd: createFileAt(dir, name, plan.attributes.mode & 0o777), plan, place };
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
    const { fd, plan, place } = this.#open;
    if (plan.isSparse) setSize(fd, plan.sizeBytes);
    setAttributes(fd, plan.attributes, this.#newborn, place);
    this.#open = null;
    closeFile(fd);
  }

  /** Closes what is open, whatever it is. */
  close(): void {
    if (this.#open !== null) closeFile(this.#open.fd);
    this.#open = null;
  }
}
