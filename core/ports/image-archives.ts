import type { Digest } from "../digests.ts";
import type { ImageArchiveSource } from "../image-archive/archive-source.ts";
import type { StopSignal } from "./abort-signal.ts";

/** Archives of container images, which are files of this machine: of each, one image is taken. */
export interface ImageArchives {
  /**
   * Reads an archive whole, compares it with the expected digest, and finds the image that the source means, for this
   * machine's platform. Nothing of the image is believed before the archive's digest is right.
   * @throws {ImgstoreError} as Sources.open for files; DIGEST_MISMATCH, SOURCE_CHANGED (the file is no longer the one that
   *   was opened), NOT_A_TAR, UNSUPPORTED_COMPRESSION, CORRUPT_ARCHIVE, UNSAFE_ARCHIVE, LIMIT_EXCEEDED, NO_IMAGE,
   *   NO_SUCH_TAG, NO_SUCH_PLATFORM, UNSUPPORTED_LAYER; NO_SPACE, IO_ERROR, ROOT_NOT_WRITABLE (a compressed archive
   *   cannot be decompressed into the store)
   */
  open(source: ImageArchiveSource, request: ImageArchiveRequest): Promise<OpenedImage>;
}

export interface ImageArchiveRequest {
  /** Of the archive's file; null: any. */
  readonly expected: Digest | null;
  /** Names what is made for this attempt under `tmp/`: `<placement>.<fence>`. */
  readonly attempt: string;
  /** Refused where the file, or what it decompresses to, is larger. */
  readonly maxBytes: number;
  readonly signal: StopSignal;
  /** Called with the number of bytes of the file that are read, often. */
  readonly onBytes: (readBytes: number) => void;
}

/** An image in an opened archive. */
export interface OpenedImage {
  /** Of the archive's file. */
  readonly digest: Digest;
  /** Of the archive's file. */
  readonly sizeBytes: number;
  /** Bottom first; the same layer may be there more than once. */
  readonly layers: readonly ImageLayer[];

  /**
   * A layer's bytes from an offset on, as they lie in the archive; whether they have the digest is not looked at.
   * @throws {ImgstoreError} SOURCE_CHANGED, SOURCE_UNAVAILABLE, INTERRUPTED
   */
  bytesOf(layer: Digest, offset: number): AsyncIterable<Uint8Array>;

  /** Lets the archive go; nothing of it stays. */
  close(): Promise<void>;
}

export interface ImageLayer {
  /** Of its bytes as they lie in the archive, compressed or not. */
  readonly digest: Digest;
  readonly sizeBytes: number;
  /** Of the plain tar, as the image's configuration says: what unpacking has to find. */
  readonly diffId: Digest;
}
