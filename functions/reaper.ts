/**
 * Deletes in this process what has left its place for good, beside everything else and without anybody who waits for it:
 * what is asked for while it is at work is done after it.
 */
export class Reaper {
  readonly #reap: () => Promise<void>;
  #running: Promise<void> | null = null;
  #isWanted = false;

  /** @param reap deletes all that is to be deleted; what it fails of is left to the next sweep, which reports it */
  constructor(reap: () => Promise<void>) {
    this.#reap = reap;
  }

  /** There is something to delete. */
  poke(): void {
    this.#isWanted = true;
    this.#running ??= this.#run().finally(() => {
      this.#running = null;
    });
  }

  /** Resolves when nothing of it is under way. */
  async settled(): Promise<void> {
    await this.#running;
  }

  async #run(): Promise<void> {
    while (this.#isWanted) {
      this.#isWanted = false;
      await this.#reap().catch(() => undefined);
    }
  }
}
