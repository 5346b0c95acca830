import { createHash } from "node:crypto";
import type { Digest } from "../../../core/digests.ts";
import { ImgstoreError } from "../../../core/errors.ts";
import { type ArchiveDocument, MAX_DOCUMENT_BYTES } from "../../../core/image-archive/documents.ts";
import type { ByteRange, EntryIndex } from "../../../core/image-archive/entry-index.ts";
import { blobPath, type Descriptor } from "../../../core/image-archive/oci.ts";
import { refusal } from "../../../core/image-archive/refusal.ts";
import type { StopSignal } from "../../../core/ports/abort-signal.ts";
import { formatOf, SNIFFED_BYTES } from "../../layers/decompress/formats.ts";
import type { RegularFile } from "../regular-file.ts";
import { digestOfRange } from "./archive-bytes.ts";

/** More than the widest index has: an index of indexes could otherwise keep us reading for ever. */
const MAX_DOCUMENTS = 1000;

/** An archive whose entries are known. */
export class IndexedArchive {
  readonly index: EntryIndex;
  readonly #plain: RegularFile;
  readonly #signal: StopSignal;
  #documents = 0;

  constructor(plain: RegularFile, index: EntryIndex, signal: StopSignal) {
    this.index = index;
    this.#plain = plain;
    this.#signal = signal;
  }

  /** @throws {ImgstoreError} as EntryIndex.fileAt; LIMIT_EXCEEDED */
  async document(path: string): Promise<ArchiveDocument> {
    return { path, text: (await this.#bytesOf(path)).toString("utf8") };
  }

  /** A document that another one describes. @throws {ImgstoreError} also CORRUPT_ARCHIVE, DIGEST_MISMATCH */
  async describedDocument({ digest, sizeBytes }: Descriptor): Promise<ArchiveDocument> {
    const path = blobPath(digest);
    const bytes = await this.#bytesOf(path);
    expectSize(path, bytes.length, sizeBytes);
    const actual = createHash("sha256").update(bytes).digest("hex");
    if (digest !== `sha256:${actual}`) {
      throw new ImgstoreError("DIGEST_MISMATCH", `"${path}" in the archive has the digest sha256:${actual}`, {
        hint: "the archive is damaged: save the image again",
      });
    }
    return { path, text: bytes.toString("utf8") };
  }

  async #bytesOf(path: string): Promise<Buffer> {
    const { offset, sizeBytes } = this.index.fileAt(path);
    if (sizeBytes > MAX_DOCUMENT_BYTES) {
      throw refusal("LIMIT_EXCEEDED", path, `has ${sizeBytes} bytes: at most ${MAX_DOCUMENT_BYTES} are allowed`);
    }
    this.#documents += 1;
    if (this.#documents > MAX_DOCUMENTS) {
      throw refusal("LIMIT_EXCEEDED", path, `is one document too many: ${MAX_DOCUMENTS} are allowed`);
    }
    return this.#plain.readAt(offset, sizeBytes);
  }

  /** Whether what lies there is compressed, by its first bytes. */
  async isCompressed({ offset, sizeBytes }: ByteRange): Promise<boolean> {
    return formatOf(await this.#plain.readAt(offset, Math.min(SNIFFED_BYTES, sizeBytes))) !== null;
  }

  /** The digest of what lies there. @throws {ImgstoreError} as RegularFile.read */
  digestOf({ offset, sizeBytes }: ByteRange): Promise<Digest> {
    return digestOfRange(this.#plain, { offset, end: offset + sizeBytes, signal: this.#signal });
  }
}

/** @throws {ImgstoreError} CORRUPT_ARCHIVE where bytes are not as many as they are said to be */
export function expectSize(path: string, actualBytes: number, describedBytes: number): void {
  if (actualBytes === describedBytes) return;
  throw refusal("CORRUPT_ARCHIVE", path, `has ${actualBytes} bytes and is said to have ${describedBytes}`);
}
