import { latin1 } from "./bytes.ts";

/** A moment: whole seconds since 1970 (rounded down) and nanoseconds after them. */
export interface Time {
  readonly seconds: number;
  readonly nanoseconds: number;
}

/** A decimal number of digits only; null when it is not one, or not exact in a number. */
export function parseDecimal(bytes: Uint8Array): number | null {
  if (bytes.length === 0 || bytes.length > 16) return null;
  const text = latin1(bytes);
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  return Number.isSafeInteger(value) ? value : null;
}

const TIME = /^(-?)(\d{1,16})(?:\.(\d*))?$/;

/** Seconds with a fraction, as PAX has them; what lies below a nanosecond is rounded down, as GNU tar does. */
export function parseTime(bytes: Uint8Array): Time | null {
  if (bytes.length > 64) return null;
  const [, sign, whole, fraction = ""] = TIME.exec(latin1(bytes)) ?? [];
  if (whole === undefined) return null;
  const seconds = Number(whole);
  const nanoseconds = Number(fraction.slice(0, 9).padEnd(9, "0"));
  if (!Number.isSafeInteger(seconds)) return null;
  return sign === "-" ? negative(seconds, nanoseconds, /[1-9]/.test(fraction.slice(9))) : { seconds, nanoseconds };
}

function negative(seconds: number, nanoseconds: number, hasRest: boolean): Time {
  const below = nanoseconds + (hasRest ? 1 : 0);
  if (below === 0) return { seconds: 0 - seconds, nanoseconds: 0 };
  return { seconds: -seconds - 1, nanoseconds: 1_000_000_000 - below };
}
