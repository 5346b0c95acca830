/** A stored archive that is read once, from its first byte to its last. */
export interface StoredBytes {
  /** Bytes that `next` gave so far. */
  readonly readBytes: number;
  /**
   * The first bytes, `length` of them unless the archive is shorter; `next` begins with them again. Only before the first
   * `next`. May block the thread while they have not arrived yet.
   * @throws {ImgstoreError} IO_ERROR
   */
  peek(length: number): Uint8Array;
  /**
   * Fills `into` from its start with the next bytes, as many as there are at once but at least one; how many, 0 at the
   * end. May block the thread while there are none yet.
   * @throws {ImgstoreError} IO_ERROR
   */
  next(into: Uint8Array): number;
}
