import { setTimeout as sleep } from "node:timers/promises";
import { ImgstoreError } from "../../core/errors.ts";
import { isBusy } from "./file-errors.ts";

/** The longest pause between two tries, in milliseconds. */
const PAUSE_MAX_MS = 50;

/**
 * The result of `attempt`, tried again while another connection holds the lock. SQLite's own waiting (its busy time-out)
 * stops the whole thread and is kept short; between the tries the thread is free, and a random pause keeps several
 * processes from meeting again.
 * @param attempt leaves nothing behind when it fails
 * @throws {ImgstoreError} DATABASE_BUSY after `deadlineMs`
 */
export async function retryWhileBusy<T>(attempt: () => T, path: string, deadlineMs: number): Promise<T> {
  const endsAtMs = performance.now() + deadlineMs;
  for (let tries = 1; ; tries += 1) {
    try {
      return attempt();
    } catch (error) {
      if (!isBusy(error)) throw error;
      if (performance.now() >= endsAtMs) throw busy(path, deadlineMs, error);
      await sleep(Math.random() * Math.min(PAUSE_MAX_MS, 2 ** tries));
    }
  }
}

function busy(path: string, deadlineMs: number, cause: unknown): ImgstoreError {
  return new ImgstoreError("DATABASE_BUSY", `could not lock the database "${path}" in ${deadlineMs} ms`, {
    cause,
    hint: "another process holds it: see `fuser` of that file; a stopped or debugged imgstore is a usual one",
  });
}
