/** Room on the store's file system. */
export interface Space {
  /** What this user may still fill, now. @throws {ImgstoreError} IO_ERROR */
  free(): Promise<FreeSpace>;

  /** Keeps room for the database's sake, in a file that a full disk is relieved of, where there is plenty. */
  restoreBallast(): Promise<void>;
}

export interface FreeSpace {
  readonly bytes: number;
  /** Null where the file system makes inodes as it goes. */
  readonly inodes: number | null;
  /** Of the whole file system, used or not. */
  readonly totalBytes: number;
}
