import { createHash } from "node:crypto";
import type { FileHandle } from "node:fs/promises";
import type { Digest } from "../../core/digests.ts";
import { ImgstoreError } from "../../core/errors.ts";
import { LIMIT_SETTINGS } from "../../core/limits.ts";
import type { PartialBlob } from "../../core/ports/blobs.ts";
import { hasCode } from "../linux/errno.ts";
import { hashPrefix } from "./hash-file.ts";
import { HashingWriter } from "./hashing-writer.ts";
import { removeName } from "./hold-partial.ts";
import { publishHeld } from "./publish.ts";
import { onStore } from "./store-error.ts";
import { readValidator, writeValidator } from "./validator-attribute.ts";

export interface HeldPartial {
  /** Locked; the partial closes it. */
  readonly handle: FileHandle;
  readonly path: string;
  /** Whether a later attempt can find it by its name. */
  readonly isShared: boolean;
  readonly asidePath: string;
  readonly blobPathOf: (digest: Digest) => string;
}

/** The partial in a locked file, its bytes hashed again. @throws {ImgstoreError} IO_ERROR */
export async function createPartial(held: HeldPartial): Promise<PartialBlob> {
  const { handle, path } = held;
  let validator = readValidator(handle.fd);
  let writer = await adopt(handle);
  let isOpen = true;

  async function end(isKept: boolean): Promise<void> {
    if (!isOpen) return;
    isOpen = false;
    try {
      // Under the lock, so that nobody adopts what is about to go.
      if (!isKept) removeName(handle, path, held.asidePath);
    } finally {
      await handle.close();
    }
  }

  async function fail(error: unknown): Promise<never> {
    await end(false);
    throw error;
  }

  return {
    // Whatever becomes of its name, this is the file that is written and hashed here.
    location: `/proc/${process.pid}/fd/${handle.fd}`,
    get sizeBytes() {
      return writer.sizeBytes;
    },
    get validator() {
      return validator;
    },
    restart: (next) =>
      onStore(`start "${path}" over`, async () => {
        await handle.truncate(0);
        writeValidator(handle.fd, next);
        validator = next;
        writer = startWriter(handle);
      }),
    append: (bytes, { maxBytes }, onBytes) => append(writer, bytes, { maxBytes, onBytes, path }),
    async publish(expected) {
      await onStore(`write "${path}"`, () => writer.flush());
      const { sizeBytes, digest } = writer;
      if (expected !== null && digest !== expected) return fail(mismatch(expected, digest, sizeBytes));
      // The bytes before the name: a crash must not leave the name of a blob that is not whole. And what could not be
      // synced is not trusted again, though the page cache may still show it.
      await onStore(`sync "${path}"`, () => handle.datasync()).catch(fail);
      const blobPath = held.blobPathOf(digest);
      await onStore(`publish "${blobPath}"`, () => publishHeld({ ...held, digest, blobPath }));
      await end(false);
      return { digest, sizeBytes };
    },
    close: () => onStore(`close "${path}"`, () => end(held.isShared && writer.sizeBytes > 0)),
    discard: () => onStore(`remove "${path}"`, () => end(false)),
  };
}

async function adopt(handle: FileHandle): Promise<HashingWriter> {
  const { size } = await handle.stat();
  try {
    return new HashingWriter(handle, { sizeBytes: size, hash: await hashPrefix(handle, size) });
  } catch (error) {
    // Bytes that cannot be read again are worth nothing, and would stand in the way of every attempt.
    if (!hasCode(error, "EIO")) throw error;
    await handle.truncate(0);
    return startWriter(handle);
  }
}

function startWriter(handle: FileHandle): HashingWriter {
  return new HashingWriter(handle, { sizeBytes: 0, hash: createHash("sha256") });
}

interface Appending {
  readonly maxBytes: number;
  readonly onBytes: (sizeBytes: number) => void;
  readonly path: string;
}

async function append(
  writer: HashingWriter,
  bytes: AsyncIterable<Uint8Array>,
  { maxBytes, onBytes, path }: Appending,
): Promise<void> {
  try {
    for await (const chunk of bytes) {
      if (writer.addedBytes + chunk.byteLength > maxBytes) throw tooLarge(maxBytes);
      const before = writer.sizeBytes;
      await onStore(`write "${path}"`, () => writer.add(chunk));
      if (writer.sizeBytes !== before) onBytes(writer.sizeBytes);
    }
  } finally {
    // Also after a failure: what came stays for the next attempt.
    await onStore(`write "${path}"`, () => writer.flush());
  }
  onBytes(writer.sizeBytes);
}

function tooLarge(maxBytes: number): ImgstoreError {
  return new ImgstoreError("IMAGE_TOO_LARGE", `the source sends more than ${maxBytes} bytes`, {
    hint: `raise ${LIMIT_SETTINGS.maxImageBytes} if an image of that size is meant`,
  });
}

function mismatch(expected: Digest, actual: Digest, sizeBytes: number): ImgstoreError {
  return new ImgstoreError(
    "DIGEST_MISMATCH",
    `the ${sizeBytes} bytes of the source have the digest ${actual}, not ${expected}`,
    {
      hint: "check the checksum, or whether the source has been replaced",
    },
  );
}
