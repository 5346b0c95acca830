import type { Hash } from "node:crypto";
import type { FileHandle } from "node:fs/promises";
import type { Digest } from "../../core/digests.ts";
import { digestOf } from "./hash-file.ts";

const BLOCK_BYTES = 256 * 1024;
const FLUSH_AFTER_MS = 1000;

interface Block {
  readonly bytes: Uint8Array;
  /** The running hash as it was before these bytes. */
  readonly before: Hash;
  writtenBytes: number;
}

/** A block under way, and how it ends: a value, because a failure is looked at later than it happens. */
interface Writing {
  readonly block: Block;
  readonly failure: Promise<{ readonly error: unknown } | null>;
}

/**
 * Appends to a file and hashes in the same pass: one block is filled and hashed while the one before is written. Whatever
 * fails, `sizeBytes` and the hash stand for the same bytes of the file.
 */
export class HashingWriter {
  readonly #handle: FileHandle;
  #hash: Hash;
  #sizeBytes: number;
  #filling: Uint8Array = Buffer.allocUnsafeSlow(BLOCK_BYTES);
  #spare: Uint8Array = Buffer.allocUnsafeSlow(BLOCK_BYTES);
  #filledBytes = 0;
  #writing: Writing | null = null;
  #submittedAtMs: number = performance.now();

  /** @param start what the file holds already, and its running hash, which the writer takes over */
  constructor(handle: FileHandle, start: { readonly sizeBytes: number; readonly hash: Hash }) {
    this.#handle = handle;
    this.#hash = start.hash;
    this.#sizeBytes = start.sizeBytes;
  }

  /** Bytes that the file system has taken. */
  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  /** Bytes that were added, taken by the file system or not yet. */
  get addedBytes(): number {
    return this.#sizeBytes + (this.#writing?.block.bytes.length ?? 0) + this.#filledBytes;
  }

  /** Of all that was added and flushed. */
  get digest(): Digest {
    return digestOf(this.#hash);
  }

  /** Takes a chunk over; it may be reused at once. @throws {SystemCallError} also of an earlier chunk */
  async add(chunk: Uint8Array): Promise<void> {
    for (let takenBytes = 0; takenBytes < chunk.length; ) {
      const part = chunk.subarray(takenBytes, takenBytes + BLOCK_BYTES - this.#filledBytes);
      this.#filling.set(part, this.#filledBytes);
      this.#filledBytes += part.length;
      takenBytes += part.length;
      if (this.#filledBytes === BLOCK_BYTES) await this.#submit();
    }
    // A slow source's bytes are kept and shown, too.
    if (this.#filledBytes > 0 && performance.now() - this.#submittedAtMs >= FLUSH_AFTER_MS) await this.#submit();
  }

  /** Hands everything that was added to the file system. @throws {SystemCallError} */
  async flush(): Promise<void> {
    if (this.#filledBytes > 0) await this.#submit();
    await this.#settle();
  }

  async #submit(): Promise<void> {
    const bytes = this.#filling.subarray(0, this.#filledBytes);
    const block: Block = { bytes, before: this.#hash.copy(), writtenBytes: 0 };
    this.#hash.update(bytes);
    await this.#settle();
    this.#writing = { block, failure: write(this.#handle, block, this.#sizeBytes) };
    [this.#filling, this.#spare] = [this.#spare, this.#filling];
    this.#filledBytes = 0;
    this.#submittedAtMs = performance.now();
  }

  async #settle(): Promise<void> {
    if (this.#writing === null) return;
    const { block, failure } = this.#writing;
    const failed = await failure;
    this.#writing = null;
    this.#sizeBytes += block.writtenBytes;
    if (failed === null) return;
    // A full disk takes a part of a block: the hash goes back to what is really there.
    this.#hash = block.before.update(block.bytes.subarray(0, block.writtenBytes));
    this.#filledBytes = 0;
    throw failed.error;
  }
}

async function write(handle: FileHandle, block: Block, position: number): Promise<{ readonly error: unknown } | null> {
  const { bytes } = block;
  try {
    while (block.writtenBytes < bytes.length) {
      const done = block.writtenBytes;
      block.writtenBytes += (await handle.write(bytes, done, bytes.length - done, position + done)).bytesWritten;
    }
    return null;
  } catch (error) {
    return { error };
  }
}
