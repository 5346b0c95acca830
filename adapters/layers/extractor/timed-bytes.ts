import { checkUnpackTime } from "../../../core/archive/budget.ts";
import type { ArchiveLimits } from "../../../core/limits.ts";
import type { StoredBytes } from "../decompress/stored-bytes.ts";
import type { StoredArchive } from "./stored-archive.ts";

/**
 * A stored archive's bytes, which are read only as long as unpacking may take: decoding them can go on without yielding
 * anything. What was waited for is not counted.
 */
export class TimedBytes implements StoredBytes {
  readonly #stored: StoredArchive;
  readonly #limits: ArchiveLimits;
  readonly #startedAtMs = performance.now();

  constructor(stored: StoredArchive, limits: ArchiveLimits) {
    this.#stored = stored;
    this.#limits = limits;
  }

  get readBytes(): number {
    return this.#stored.readBytes;
  }

  peek(length: number): Uint8Array {
    return this.#stored.peek(length);
  }

  /** @throws {ImgstoreError} LIMIT_EXCEEDED, IO_ERROR */
  next(into: Uint8Array): number {
    checkUnpackTime(this.#limits, performance.now() - this.#startedAtMs - this.#stored.waitedMs);
    return this.#stored.next(into);
  }
}
