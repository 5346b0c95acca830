import type { CodecMemory } from "./codec-memory.ts";
import { corrupt, type Fault } from "./decompress-error.ts";
import type { Outcome, StreamDecoder } from "./stream-decoder.ts";

/** Decodes one member of a gzip file after the other, header and trailer included. */
export interface MemberDecoder {
  /** Makes it ready for the member that begins with the next stored byte; not called for the first. */
  readonly restart: () => void;
  /** As StreamDecoder; "between" once the member's checksum and length were found right. */
  readonly step: () => Outcome;
  readonly close: () => void;
}

/** Of a whole gzip file: its members, and the zeros after them that tapes and block devices need. */
export class GzipMembers implements StreamDecoder {
  readonly #member: MemberDecoder;
  readonly #memory: CodecMemory;
  #place: "member" | "between" | "padding" = "member";

  constructor(member: MemberDecoder, memory: CodecMemory) {
    this.#member = member;
    this.#memory = memory;
  }

  step(): Outcome {
    if (this.#place !== "member") {
      const next = this.#memory.input[this.#memory.from];
      if (next === 0) return this.#skipPadding();
      if (next !== FIRST_BYTE || this.#place === "padding") return JUNK;
      this.#member.restart();
      this.#place = "member";
    }
    const outcome = this.#member.step();
    if (outcome === "between") this.#place = "between";
    return outcome;
  }

  close(): void {
    this.#member.close();
  }

  #skipPadding(): Outcome {
    this.#place = "padding";
    const { input, from, to } = this.#memory;
    const zeros = zerosFrom(input, from, to);
    this.#memory.advance(zeros, 0);
    return from + zeros < to ? JUNK : "between";
  }
}

/** Of every member. */
const FIRST_BYTE = 0x1f;

export const JUNK: Fault = corrupt("something else comes after its end");

/** How many zeros there are from `from` on. */
export function zerosFrom(bytes: Uint8Array, from: number, to: number): number {
  let at = from;
  while (at < to && bytes[at] === 0) at++;
  return at - from;
}
