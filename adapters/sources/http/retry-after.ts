const MAX_MS = 600_000;

/**
 * A server's word on when to come back, in milliseconds, at most ten minutes; null where it said nothing usable.
 * @param nowMs since 1970, for a Retry-After that is a date
 * @see RFC 9110, 10.2.3
 */
export function parseRetryAfter(header: string | null, nowMs: number): number | null {
  const waitMs = waitOf(header ?? "", nowMs);
  return Number.isNaN(waitMs) ? null : Math.min(Math.max(waitMs, 0), MAX_MS);
}

function waitOf(header: string, nowMs: number): number {
  if (/^\d{1,9}$/.test(header)) return Number(header) * 1000;
  // Date.parse alone would take almost anything for a date.
  return header.endsWith(" GMT") ? Date.parse(header) - nowMs : Number.NaN;
}
