import type { DueRow } from "../../core/ports/image-rows.ts";

/**
 * When a worker may start a suspect: a row whose last claim ran out, and that may have killed its worker. It begins alone,
 * and for the length of a lease nothing begins beside it; one that outlives that is no longer feared. Rows without end
 * must not keep it waiting: after a lease no others are started, so that those under way end, and after two it begins
 * beside those that still go on, which keep what they have done if it kills them.
 */
export class SuspectWait {
  readonly #leaseMs: number;
  #sinceMs: number | null = null;
  #waitedMs = 0;
  #isBeginning = false;

  constructor(leaseMs: number) {
    this.#leaseMs = leaseMs;
  }

  /** Says whether a suspect is due and not under way. */
  look(isAnyDue: boolean, nowMs: number): void {
    this.#sinceMs = isAnyDue ? (this.#sinceMs ?? nowMs) : null;
    this.#waitedMs = this.#sinceMs === null ? 0 : nowMs - this.#sinceMs;
  }

  /** @param running how many acts are under way */
  mayStart(row: DueRow, running: number): boolean {
    if (this.#isBeginning) return false;
    if (row.isSuspect) return running === 0 || this.#waitedMs >= 2 * this.#leaseMs;
    return this.#waitedMs < this.#leaseMs;
  }

  /** A suspect has been started. */
  begin(): void {
    this.#isBeginning = true;
    this.#sinceMs = null;
    this.#waitedMs = 0;
  }

  /** It has ended, or is no longer feared. */
  end(): void {
    this.#isBeginning = false;
  }
}
