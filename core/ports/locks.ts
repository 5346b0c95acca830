/** What only one process of a store may do at a time. */
export const LOCK_NAMES = ["gc", "reap", "verify"] as const;

export type LockName = (typeof LOCK_NAMES)[number];

export interface Locks {
  /**
   * Runs `act` alone among all who name the same lock of this store; the lock ends with the act, or with the process.
   * @returns null when another has the lock; `act` has not run then
   * @throws {ImgstoreError} ROOT_NOT_WRITABLE, NO_SPACE
   */
  alone<T>(name: LockName, act: () => Promise<T>): Promise<T | null>;
}
