import type { Digest } from "../digests.ts";

/**
 * Stored bytes by checksum. A blob lies under its name only when it is whole, verified and synced; until then it is a
 * *partial* that one writer holds under a lock that its process's death releases.
 */
export interface Blobs {
  /**
   * Opens the partial of a digest for writing, adopting what an earlier writer left when its lock is free (its bytes are
   * hashed again from disk). With null, for a source whose digest is not known yet, an attempt-unique one.
   * @param attempt names what is not shared, `<placement>.<fence>`
   * @throws {ImgstoreError} NO_SPACE, ROOT_NOT_WRITABLE, IO_ERROR
   */
  openPartial(digest: Digest | null, attempt: string): Promise<PartialBlob>;

  /** Size of a stored blob in bytes; null when it is not there. */
  sizeOf(digest: Digest): Promise<number | null>;

  /**
   * As `sizeOf`, of a blob that no row vouches for: its bytes are hashed again; null also where they are not right. What is
   * there is durable when this returns.
   * @throws {ImgstoreError} IO_ERROR
   */
  verifiedSizeOf(digest: Digest): Promise<number | null>;

  /** Removes a stored blob and its partial; whether there was one. */
  remove(digest: Digest): Promise<boolean>;

  /** Removes the partial of a digest where no writer holds it; whether there was one. */
  removePartial(digest: Digest): Promise<boolean>;

  /** Names under `blobs/`, for gc: stored ones and partials that no writer holds. */
  listStored(): Promise<{ readonly digest: Digest; readonly sizeBytes: number }[]>;
  listFreePartials(): Promise<{ readonly digest: Digest; readonly sizeBytes: number }[]>;
}

export interface PartialBlob {
  /** A path under which this very file can be read by another process of this user, while it is held here. */
  readonly location: string;
  /** Bytes on disk that are part of the running hash. */
  readonly sizeBytes: number;
  /** What `append` was told of the source when the first byte was written; null when unknown. */
  readonly validator: string | null;

  /** Starts over from nothing, for the object that `validator` names. */
  restart(validator: string | null): Promise<void>;

  /**
   * Appends the stream's bytes, hashing them in the same pass, and returns when all are handed to the file system.
   * What was written before a failure stays for the next attempt.
   * @param onBytes called with the partial's size, often
   * @throws {ImgstoreError} NO_SPACE, IO_ERROR, IMAGE_TOO_LARGE, and whatever the stream throws
   */
  append(
    bytes: AsyncIterable<Uint8Array>,
    limits: { readonly maxBytes: number },
    onBytes: (sizeBytes: number) => void,
  ): Promise<void>;

  /**
   * Syncs, compares with the expected digest, and makes the blob appear under its checksum; durable when it returns.
   * Idempotent beside another publisher of the same digest.
   * @throws {ImgstoreError} DIGEST_MISMATCH (the partial is gone then), NO_SPACE, IO_ERROR
   */
  publish(expected: Digest | null): Promise<{ readonly digest: Digest; readonly sizeBytes: number }>;

  /** Gives the lock up and keeps the bytes; nothing after `publish` or `discard`. */
  close(): Promise<void>;

  /** Gives the lock up and removes the bytes. */
  discard(): Promise<void>;
}
