import { printable } from "../names.ts";

const SLICE_BYTES = 8192;

/** Bytes as a string of one character each: exact, for keys and for ASCII; never for show. */
export function latin1(bytes: Uint8Array, start = 0, end: number = bytes.length): string {
  if (end - start <= SLICE_BYTES) return Reflect.apply(String.fromCharCode, null, bytes.subarray(start, end));
  let text = "";
  for (let at = start; at < end; at += SLICE_BYTES) text += latin1(bytes, at, Math.min(at + SLICE_BYTES, end));
  return text;
}

/** The bytes of such a string. */
export function bytesOf(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

/** Bytes as they may be shown in a message: as UTF-8 where they are, escaped where they are not. */
export function shown(bytes: Uint8Array): string {
  const short = bytes.subarray(0, 400);
  try {
    return printable(decodeURIComponent(latin1(short).replaceAll(/[^A-Za-z0-9]/g, escaped("%"))));
  } catch {
    return printable(latin1(short).replaceAll(/[^ -~]/g, escaped("\\x"))).replaceAll("\\\\x", "\\x");
  }
}

function escaped(prefix: string): (character: string) => string {
  return (character) => prefix + character.charCodeAt(0).toString(16).padStart(2, "0");
}

/** Bytes of one's own: what a platform's kind of array calls a slice may be a view of what is overwritten next. */
export function copyOf(bytes: Uint8Array, start = 0, end: number = bytes.length): Uint8Array {
  return new Uint8Array(bytes.subarray(start, end));
}

export function areEqual(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

export function hasNul(bytes: Uint8Array): boolean {
  return bytes.indexOf(0) >= 0;
}
