import { closeSync, openSync, statSync } from "node:fs";
import { emitWarning } from "node:process";

/**
 * Moves the write-ahead log into the database when it has grown, in whichever process sees it first: one at a time, under
 * a lock that a process's death releases. SQLite's automatic checkpoints are off, because in the bundled 3.45.1 several
 * connections that checkpoint beside commits can corrupt the file.
 * @see https://www.sqlite.org/wal.html, "The WAL-reset bug"
 */
export class Checkpointer {
  readonly #path: string;
  readonly #thresholdBytes: number;
  readonly #checkpoint: () => boolean;
  #nextBytes: number;
  #running: Promise<void> | null = null;

  /** @param checkpoint moves the whole log and truncates it; false when readers or writers were in the way */
  constructor(path: string, thresholdBytes: number, checkpoint: () => boolean) {
    this.#path = path;
    this.#thresholdBytes = thresholdBytes;
    this.#checkpoint = checkpoint;
    this.#nextBytes = thresholdBytes;
  }

  /** Call after each commit. The commit's caller does not wait. */
  afterCommit(): void {
    if (this.#running !== null || this.#logBytes() < this.#nextBytes) return;
    this.#running = this.#runAlone().finally(() => {
      this.#running = null;
    });
  }

  /** Resolves when no checkpoint is under way. */
  async settled(): Promise<void> {
    await this.#running;
  }

  #logBytes(): number {
    return statSync(`${this.#path}-wal`, { throwIfNoEntry: false })?.size ?? 0;
  }

  async #runAlone(): Promise<void> {
    let isDone = false;
    try {
      isDone = await this.#underLock();
    } catch (error) {
      // Nothing is lost: the log goes on growing, and the next one tries again. The commit before it is durable.
      emitWarning(new Error(`could not checkpoint the database "${this.#path}"`, { cause: error }));
    }
    this.#nextBytes = isDone ? this.#thresholdBytes : this.#logBytes() + this.#thresholdBytes / 4;
  }

  async #underLock(): Promise<boolean> {
    // Loaded here: most commands never see a long log, and the FFI costs them 9 ms.
    const { tryLockExclusive } = await import("../linux/flock.ts");
    const lock = openSync(`${this.#path}-checkpoint.lock`, "a", 0o600);
    try {
      return tryLockExclusive(lock) && this.#checkpoint();
    } finally {
      closeSync(lock);
    }
  }
}
