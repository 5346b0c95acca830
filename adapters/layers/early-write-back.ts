import { closeSync, openSync } from "node:fs";
import { startWriteBack } from "../linux/sync.ts";

/** Often enough for the disk to be busy all the while, and not so often that its journal is. */
const STEP_BYTES = 12 * 2 ** 20;

/**
 * Keeps the disk busy while a tree is written, instead of leaving all of it to the sync at the end, when the processor has
 * nothing to do. It follows the work: of a source that sends little, little is written.
 */
export class EarlyWriteBack {
  readonly #directory: string;
  #fd: number | null = null;
  #begunAtBytes = 0;
  #writing: Promise<void> | null = null;

  /** @param directory on the file system that is written to */
  constructor(directory: string) {
    this.#directory = directory;
  }

  /** So many bytes of the plain archive are on their way. */
  progressed(plainBytes: number): void {
    if (this.#writing !== null || plainBytes - this.#begunAtBytes < STEP_BYTES) return;
    this.#begunAtBytes = plainBytes;
    try {
      this.#fd ??= openSync(this.#directory, "r");
    } catch {
      // it is a head start only: the sync at the end writes everything
      return;
    }
    this.#writing = startWriteBack(this.#fd).finally(() => {
      this.#writing = null;
    });
  }

  /** Returns when nothing of it goes on. */
  async end(): Promise<void> {
    await this.#writing;
    if (this.#fd !== null) closeSync(this.#fd);
  }
}
