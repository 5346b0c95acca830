import { type BigIntStats, constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { type ErrorCode, ImgstoreError } from "../../core/errors.ts";
import { printable } from "../../core/names.ts";
import type { StopSignal } from "../../core/ports/abort-signal.ts";
import { codeOf } from "../linux/errno.ts";
import { interrupted } from "./interrupted.ts";

const CHUNK_BYTES = 256 * 1024;

/** Which bytes of a file, and for how long. */
export interface FileRead {
  /** First byte. */
  readonly offset: number;
  /** Behind the last byte. */
  readonly end: number;
  readonly signal: StopSignal;
}

/** A regular file of this machine, open for reading. What is read of it is vouched for by `expectUnchanged`. */
export class RegularFile {
  readonly sizeBytes: number;
  /** The file's identity, size and time of change. */
  readonly validator: string;
  readonly #path: string;
  readonly #handle: FileHandle;

  private constructor(path: string, handle: FileHandle, stats: BigIntStats) {
    this.#path = path;
    this.#handle = handle;
    this.sizeBytes = Number(stats.size);
    this.validator = validatorOf(stats);
  }

  /** @throws {ImgstoreError} SOURCE_NOT_FOUND, SOURCE_FORBIDDEN, SOURCE_REFUSED (no regular file), SOURCE_UNAVAILABLE */
  static async open(path: string): Promise<RegularFile> {
    // O_NONBLOCK, because opening a FIFO would wait for its writer.
    const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY).catch((error) => {
      throw fileError(error, path);
    });
    const stats = await handle.stat({ bigint: true });
    if (stats.isFile()) return new RegularFile(path, handle, stats);
    await handle.close();
    const kind = stats.isDirectory() ? "a directory" : "not a regular file";
    throw new ImgstoreError("SOURCE_REFUSED", `cannot read "${printable(path)}": it is ${kind}`, {
      hint: "give the path of a tar, plain or compressed",
    });
  }

  /**
   * Bytes of the file, each chunk its reader's for good. It ends only after a look at the file, which vouches for every
   * byte before it.
   * @throws {ImgstoreError} SOURCE_CHANGED, SOURCE_UNAVAILABLE, INTERRUPTED
   */
  async *read({ offset, end, signal }: FileRead): AsyncGenerator<Uint8Array> {
    for (let position = offset; position < end; ) {
      if (signal.aborted) throw interrupted(printable(this.#path), signal);
      const chunk = await this.readAt(position, Math.min(CHUNK_BYTES, end - position));
      if (chunk.length === 0) throw this.#changed();
      position += chunk.length;
      yield chunk;
    }
    await this.expectUnchanged();
  }

  /** At most `length` bytes; fewer at the file's end. @throws {ImgstoreError} SOURCE_UNAVAILABLE */
  async readAt(position: number, length: number): Promise<Buffer> {
    const bytes = Buffer.allocUnsafe(length);
    let filled = 0;
    while (filled < length) {
      const { bytesRead } = await this.#handle
        .read(bytes, filled, length - filled, position + filled)
        .catch((error) => {
          throw fileError(error, this.#path);
        });
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    return bytes.subarray(0, filled);
  }

  /** @throws {ImgstoreError} SOURCE_CHANGED where the file is no longer as it was when it was opened */
  async expectUnchanged(): Promise<void> {
    if (validatorOf(await this.#handle.stat({ bigint: true })) !== this.validator) throw this.#changed();
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }

  #changed(): ImgstoreError {
    return changed(this.#path);
  }
}

/** The refusal of a file that is another one than it was. */
export function changed(path: string): ImgstoreError {
  return new ImgstoreError("SOURCE_CHANGED", `"${printable(path)}" changed while it was read`, {
    hint: "it is read again from the beginning; write it elsewhere and rename it into place",
  });
}

function validatorOf(stats: BigIntStats): string {
  return `file:${stats.dev}:${stats.ino}:${stats.size}:${stats.mtimeNs}`;
}

const FILE_ERRORS: Readonly<Record<string, { readonly code: ErrorCode; readonly words: string }>> = {
  ENOENT: { code: "SOURCE_NOT_FOUND", words: "there is no such file" },
  ENOTDIR: { code: "SOURCE_NOT_FOUND", words: "a part of the path is not a directory" },
  EACCES: { code: "SOURCE_FORBIDDEN", words: "permission is denied" },
  EPERM: { code: "SOURCE_FORBIDDEN", words: "permission is denied" },
  ELOOP: { code: "SOURCE_REFUSED", words: "its symbolic links lead in a circle" },
  ENAMETOOLONG: { code: "SOURCE_REFUSED", words: "the name is too long" },
  ENXIO: { code: "SOURCE_REFUSED", words: "it is not a regular file" },
  EIO: { code: "SOURCE_UNAVAILABLE", words: "the device reports an error" },
  ESTALE: { code: "SOURCE_UNAVAILABLE", words: "the file server no longer knows it" },
  EMFILE: { code: "SOURCE_UNAVAILABLE", words: "this process has too many open files" },
  ENFILE: { code: "SOURCE_UNAVAILABLE", words: "this machine has too many open files" },
};

/** A failed call on the file as what it means for the image; anything else stays what it is. */
function fileError(thrown: unknown, path: string): unknown {
  const known = FILE_ERRORS[codeOf(thrown) ?? ""];
  if (known === undefined) return thrown;
  return new ImgstoreError(known.code, `cannot read "${printable(path)}": ${known.words}`, { cause: thrown });
}
