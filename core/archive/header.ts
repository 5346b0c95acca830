import { copyOf } from "./bytes.ts";
import { type Place, refusal } from "./refusal.ts";

/** Everything in a tar comes in blocks of this size. */
export const BLOCK_BYTES = 512;

/** A field of a header block: its first byte and its width. */
export interface Field {
  readonly at: number;
  readonly width: number;
  readonly name: string;
}

/** @see tar(5); POSIX.1-2008, pax, "ustar Interchange Format" */
export const FIELDS = {
  name: { at: 0, width: 100, name: "name" },
  mode: { at: 100, width: 8, name: "mode" },
  uid: { at: 108, width: 8, name: "owner" },
  gid: { at: 116, width: 8, name: "group" },
  size: { at: 124, width: 12, name: "size" },
  mtime: { at: 136, width: 12, name: "modification time" },
  checksum: { at: 148, width: 8, name: "checksum" },
  link: { at: 157, width: 100, name: "link target" },
  major: { at: 329, width: 8, name: "major device number" },
  minor: { at: 337, width: 8, name: "minor device number" },
  prefix: { at: 345, width: 155, name: "name prefix" },
  /** star keeps access and change time in the rest of the prefix. */
  starPrefix: { at: 345, width: 131, name: "name prefix" },
  gnuRealSize: { at: 483, width: 12, name: "real size" },
} as const;

const TYPE_AT = 156;
const MAGIC_AT = 257;
const STAR_MAGIC_AT = 508;

/** The header's type flag, as the character it stands for (old archives have NUL). */
export function typeOf(bytes: Uint8Array, at: number): string {
  return String.fromCharCode(bytes[at + TYPE_AT] ?? 0);
}

export function isZeroBlock(bytes: Uint8Array, at: number): boolean {
  for (let i = at; i < at + BLOCK_BYTES; i++) if (bytes[i] !== 0) return false;
  return true;
}

/** Whether the block's checksum is right, summed as unsigned bytes or, as some old writers did, as signed ones. */
export function hasRightChecksum(bytes: Uint8Array, at: number): boolean {
  const { at: field, width } = FIELDS.checksum;
  let unsigned = 0;
  let negative = 0;
  for (let i = at; i < at + BLOCK_BYTES; i++) {
    const byte = bytes[i] ?? 0;
    unsigned += byte;
    negative += byte >> 7;
  }
  for (let i = at + field; i < at + field + width; i++) {
    const byte = bytes[i] ?? 0;
    unsigned += 32 - byte;
    negative -= byte >> 7;
  }
  const stated = octal(bytes, at + field, width);
  return stated === unsigned || stated === unsigned - 256 * negative;
}

/**
 * A number field: octal, or base-256 where its first bit is set. An empty field is 0.
 * @throws {ImgstoreError} CORRUPT_ARCHIVE where it is neither, or beyond what a number holds exactly
 */
export function numberField(bytes: Uint8Array, at: number, field: Field, place: Place): number {
  const first = bytes[at + field.at] ?? 0;
  const value = first & 0x80 ? base256(bytes, at + field.at, field.width) : octal(bytes, at + field.at, field.width);
  if (value !== null && Number.isSafeInteger(value)) return value;
  throw refusal("CORRUPT_ARCHIVE", place, `its ${field.name} is not a number`);
}

/**
 * The size field.
 * @throws {ImgstoreError} CORRUPT_ARCHIVE
 */
export function sizeField(bytes: Uint8Array, at: number, place: Place): number {
  const size = numberField(bytes, at, FIELDS.size, place);
  if (size >= 0) return size;
  throw refusal("CORRUPT_ARCHIVE", place, `its size ${size} is negative`);
}

/** Bytes after contents of that size that fill the last block. */
export function paddingOf(sizeBytes: number): number {
  return (BLOCK_BYTES - (sizeBytes % BLOCK_BYTES)) % BLOCK_BYTES;
}

function octal(bytes: Uint8Array, start: number, width: number): number | null {
  let at = start;
  const end = start + width;
  while (at < end && bytes[at] === 0x20) at++;
  let value = 0;
  for (; at < end; at++) {
    const digit = (bytes[at] ?? 0) - 0x30;
    if (digit < 0 || digit > 7) break;
    value = value * 8 + digit;
  }
  for (; at < end; at++) if (bytes[at] !== 0 && bytes[at] !== 0x20) return null;
  return value;
}

/** Two's complement, big endian; the first byte's high bit only marks the form, the next one is the sign. */
function base256(bytes: Uint8Array, start: number, width: number): number {
  const first = bytes[start] ?? 0;
  const isNegative = (first & 0x40) !== 0;
  let value = isNegative ? (first & 0x7f) - 0x80 : first & 0x3f;
  for (let i = start + 1; i < start + width; i++) value = value * 256 + (bytes[i] ?? 0);
  return value;
}

/** The bytes of a text field up to its first NUL, as a copy. */
export function textField(bytes: Uint8Array, at: number, field: Field): Uint8Array {
  const start = at + field.at;
  let end = start;
  while (end < start + field.width && bytes[end] !== 0) end++;
  return copyOf(bytes, start, end);
}

/** The entry's name with its prefix, where the header's dialect has one. */
export function nameOf(bytes: Uint8Array, at: number): Uint8Array {
  const name = textField(bytes, at, FIELDS.name);
  if (!hasPosixMagic(bytes, at) || bytes[at + FIELDS.prefix.at] === 0) return name;
  const prefix = textField(bytes, at, isStar(bytes, at) ? FIELDS.starPrefix : FIELDS.prefix);
  const joined = new Uint8Array(prefix.length + 1 + name.length);
  joined.set(prefix);
  joined[prefix.length] = 0x2f;
  joined.set(name, prefix.length + 1);
  return joined;
}

/** Whether the header has device number fields (v7 has not). */
export function hasDeviceFields(bytes: Uint8Array, at: number): boolean {
  return spells(bytes, at + MAGIC_AT, "ustar");
}

/** POSIX says "ustar", NUL; GNU says "ustar", space, space, NUL and uses the prefix for other things. */
function hasPosixMagic(bytes: Uint8Array, at: number): boolean {
  return spells(bytes, at + MAGIC_AT, "ustar\0");
}

/** Whether it is GNU tar's own dialect. */
export function hasGnuMagic(bytes: Uint8Array, at: number): boolean {
  return spells(bytes, at + MAGIC_AT, "ustar  ");
}

function isStar(bytes: Uint8Array, at: number): boolean {
  return spells(bytes, at + STAR_MAGIC_AT, "tar\0");
}

function spells(bytes: Uint8Array, at: number, text: string): boolean {
  for (let i = 0; i < text.length; i++) if (bytes[at + i] !== text.charCodeAt(i)) return false;
  return true;
}
