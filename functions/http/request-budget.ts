import { ImgstoreError } from "../../core/errors.ts";
import { printable } from "../../core/names.ts";
import type { Clock } from "../../core/ports/clock.ts";
import type { HttpRequest } from "./route-call.ts";

/** The longest that `Prefer: wait` may ask for, in milliseconds. */
const LONGEST_WAIT_MS = 86_400_000;

/**
 * How long a request may take, in milliseconds: what `Prefer: wait=S` asks for, else the default; null without a bound.
 * @see RFC 7240, section 4.3
 * @throws {ImgstoreError} INVALID_BODY where the preference is not a number of seconds
 */
export function requestBudgetMs(request: HttpRequest, defaultMs: number | null): number | null {
  return preferredWaitMs(request) ?? defaultMs;
}

/** `Prefer: wait=S` in milliseconds; bare `wait` is null like none, see `prefersWaiting`. */
export function preferredWaitMs(request: HttpRequest): number | null {
  const wait = waitPreference(request);
  if (wait === null || wait === "") return null;
  if (/^\d{1,6}$/.test(wait)) return Math.min(Number(wait) * 1000, LONGEST_WAIT_MS);
  throw new ImgstoreError("INVALID_BODY", `Prefer: wait is "${printable(wait)}"`, {
    hint: "a whole number of seconds",
  });
}

/** Whether the client would rather wait than be told to come back. */
export function prefersWaiting(request: HttpRequest): boolean {
  return waitPreference(request) !== null;
}

function waitPreference(request: HttpRequest): string | null {
  for (const preference of (request.header("prefer") ?? "").split(",")) {
    const [name, value] = preference.split("=");
    if (name?.trim().toLowerCase() === "wait") return (value ?? "").trim().replaceAll('"', "");
  }
  return null;
}

/** What work comes to, or null where its time is up first: the work goes on then. @param boundMs null: until it ends */
export async function within<T>(clock: Clock, work: Promise<T>, boundMs: number | null): Promise<T | null> {
  if (boundMs === null) return work;
  const timer = new AbortController();
  try {
    return await Promise.race([work, clock.sleep(boundMs, timer.signal).then(() => null)]);
  } finally {
    timer.abort();
    // Nobody hears any more how it ends.
    work.catch(() => undefined);
  }
}
