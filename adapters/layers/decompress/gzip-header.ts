import { crc32 } from "node:zlib";
import { corrupt, type Fault } from "./decompress-error.ts";

/** A header that is being read: done with null at its last byte, or with what is wrong at a wrong one. */
export type HeaderReading = Generator<void, Fault | null, number>;

/**
 * Checks the header of a gzip member, which is fed to it byte by byte and not kept.
 * @see RFC 1952, 2.3
 */
export function readGzipHeader(): HeaderReading {
  const reading = header();
  // up to where it wants the first byte
  reading.next();
  return reading;
}

const DEFLATE = 8;
const FHCRC = 0x02;
const FEXTRA = 0x04;
const FNAME = 0x08;
const FCOMMENT = 0x10;
const RESERVED = 0xe0;

/** Of time, extra flags and operating system. */
const UNUSED_BYTES = 6;

const UNKNOWN: Fault = corrupt("its header is of a kind that is not known");

function* header(): HeaderReading {
  const [id1, id2, method, flags] = [yield, yield, yield, yield];
  if (id1 !== 0x1f || id2 !== 0x8b) return corrupt("something else comes where a member begins");
  if (method !== DEFLATE || (flags & RESERVED) !== 0) return UNKNOWN;
  const sum = new HeaderSum((flags & FHCRC) !== 0);
  for (const byte of [id1, id2, method, flags]) sum.add(byte);
  for (let i = 0; i < UNUSED_BYTES; i++) sum.add(yield);
  if ((flags & FEXTRA) !== 0) {
    const bytes = sum.add(yield) + 256 * sum.add(yield);
    for (let i = 0; i < bytes; i++) sum.add(yield);
  }
  for (const text of [FNAME, FCOMMENT]) {
    let isOver = (flags & text) === 0;
    while (!isOver) isOver = sum.add(yield) === 0;
  }
  if ((flags & FHCRC) === 0) return null;
  const stated = (yield) + 256 * (yield);
  return stated === sum.value ? null : corrupt("its header is damaged");
}

/** The lower half of the CRC-32 of a header's bytes; of none where nobody asks for it, as almost nobody does. */
class HeaderSum {
  readonly #isWanted: boolean;
  readonly #byte: Uint8Array = new Uint8Array(1);
  #crc = 0;

  constructor(isWanted: boolean) {
    this.#isWanted = isWanted;
  }

  /** The byte again. */
  add(byte: number): number {
    if (this.#isWanted) {
      this.#byte[0] = byte;
      this.#crc = crc32(this.#byte, this.#crc);
    }
    return byte;
  }

  get value(): number {
    return this.#crc & 0xffff;
  }
}
