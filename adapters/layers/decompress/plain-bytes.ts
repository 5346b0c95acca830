/** The plain bytes of a stored archive, each given once, in order. */
export interface PlainBytes {
  /**
   * Fills `into`, of at least one byte and from its start, with the next plain bytes: wholly, unless the archive ends
   * there; how many, 0 at the end. The end is only told when all that the format checks is right. Ask for no more after a
   * failure, and never for two fillings at once.
   * @param into may lie in memory that threads share
   * @throws {ImgstoreError} CORRUPT_ARCHIVE, UNSUPPORTED_COMPRESSION, IO_ERROR
   */
  read(into: Uint8Array): number | Promise<number>;
  /** Gives memory back that no garbage collector knows of; once, also after a failure, and never during a `read`. */
  close(): void;
}
