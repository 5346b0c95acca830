import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { ImgstoreError } from "../../../core/errors.ts";
import { hasCode } from "../../linux/errno.ts";
import type { StoredBytes } from "./stored-bytes.ts";

/** A stored blob that is whole, and is being read. */
export class BlobFile implements StoredBytes {
  readonly sizeBytes: number;
  readonly #path: string;
  readonly #fd: number;
  #readBytes = 0;

  /** @throws {ImgstoreError} BLOB_LOST, IO_ERROR */
  constructor(path: string) {
    this.#path = path;
    try {
      this.#fd = openSync(path, "r");
      this.sizeBytes = fstatSync(this.#fd).size;
    } catch (error) {
      if (hasCode(error, "ENOENT")) throw blobLost(path, error);
      throw readFailed(path, error);
    }
  }

  get readBytes(): number {
    return this.#readBytes;
  }

  peek(length: number): Uint8Array {
    const bytes = new Uint8Array(length);
    return bytes.subarray(0, this.#read(bytes, 0));
  }

  next(into: Uint8Array): number {
    const length = this.#read(into, this.#readBytes);
    this.#readBytes += length;
    return length;
  }

  close(): void {
    closeSync(this.#fd);
  }

  #read(into: Uint8Array, position: number): number {
    try {
      return readSync(this.#fd, into, 0, into.length, position);
    } catch (error) {
      throw readFailed(this.#path, error);
    }
  }
}

function blobLost(path: string, cause: unknown): ImgstoreError {
  return new ImgstoreError("BLOB_LOST", `cannot unpack "${path}": it is not there`, {
    cause,
    hint: "imgstore verify --repair fetches what was lost again",
  });
}

function readFailed(path: string, cause: unknown): ImgstoreError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new ImgstoreError("IO_ERROR", `cannot read "${path}": ${reason}`, {
    cause,
    hint: "look into the kernel's log for errors of the disk",
  });
}
