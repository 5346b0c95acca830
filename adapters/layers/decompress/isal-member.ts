import type { CodecMemory } from "./codec-memory.ts";
import { corrupt, type Fault } from "./decompress-error.ts";
import { type HeaderReading, readGzipHeader } from "./gzip-header.ts";
import { GzipMembers, type MemberDecoder } from "./gzip-members.ts";
import type { PlainBytes } from "./plain-bytes.ts";
import type { StoredBytes } from "./stored-bytes.ts";
import { decodeStreams, type Outcome, type StreamDecoder } from "./stream-decoder.ts";

/** The plain bytes of a gzip file, decoded by libisal. */
export function gunzipWithIsal(stored: StoredBytes, isal: Isal, layout: IsalLayout): PlainBytes {
  const open = (memory: CodecMemory): StreamDecoder => new GzipMembers(new IsalMember(isal, layout, memory), memory);
  return decodeStreams(stored, { format: "gzip", structBytes: layout.bytes, open });
}

/** Of libisal, by the address of an `inflate_state`. */
export interface Isal {
  readonly initialize: (state: number) => void;
  readonly reset: (state: number) => void;
  readonly inflate: (state: number) => number;
}

/** Where an `inflate_state` has what is needed of it. */
export interface IsalLayout {
  readonly blockState: number;
  readonly crcFlag: number;
  /** How large it is at most. */
  readonly bytes: number;
}

/*
 * What a caller is meant to fill in comes first in `inflate_state`, before its tables, and does not move.
 * @see igzip_lib.h
 */
const NEXT_OUT = 0;
const AVAIL_OUT = 8;
const NEXT_IN = 16;
const AVAIL_IN = 32;

/** Of enum isal_block_state. */
const ISAL_BLOCK_FINISH = 5;

/** The trailer is read and checked, the header is not. */
const ISAL_GZIP_NO_HDR_VER = 6;

const DAMAGED: Fault = corrupt("it is damaged");

const FAULTS: ReadonlyMap<number, Fault> = new Map([
  [-1, DAMAGED],
  [-2, DAMAGED],
  [-3, DAMAGED],
  [-6, corrupt("its checksum or its length is another than it says")],
]);

/**
 * Decodes gzip members with libisal. Not their headers: `isal_inflate` forgets what a header has when that comes in
 * several pieces.
 */
class IsalMember implements MemberDecoder {
  readonly #isal: Isal;
  readonly #layout: IsalLayout;
  readonly #memory: CodecMemory;
  #header: HeaderReading | null = null;

  constructor(isal: Isal, layout: IsalLayout, memory: CodecMemory) {
    this.#isal = isal;
    this.#layout = layout;
    this.#memory = memory;
    isal.initialize(memory.structAddress);
    this.restart();
  }

  restart(): void {
    this.#isal.reset(this.#memory.structAddress);
    this.#memory.struct.setUint32(this.#layout.crcFlag, ISAL_GZIP_NO_HDR_VER, true);
    this.#header = readGzipHeader();
  }

  step(): Outcome {
    if (this.#header !== null) {
      const outcome = this.#readHeader(this.#header);
      if (outcome !== "done") return outcome;
      this.#header = null;
    }
    return this.#inflate();
  }

  /** Its memory is all ours. */
  close(): void {}

  #readHeader(header: HeaderReading): "within" | "done" | Fault {
    const memory = this.#memory;
    while (memory.from < memory.to) {
      const { done, value } = header.next(memory.input[memory.from] ?? 0);
      memory.from++;
      if (done === true) return value ?? "done";
    }
    return "within";
  }

  #inflate(): Outcome {
    const memory = this.#memory;
    const { struct } = memory;
    memory.setWide(NEXT_OUT, memory.outputAddress);
    struct.setUint32(AVAIL_OUT, memory.outputBytes, true);
    memory.setWide(NEXT_IN, memory.fromAddress);
    struct.setUint32(AVAIL_IN, memory.inputBytes, true);
    const result = this.#isal.inflate(memory.structAddress);
    memory.advance(
      memory.inputBytes - struct.getUint32(AVAIL_IN, true),
      memory.outputBytes - struct.getUint32(AVAIL_OUT, true),
    );
    if (result < 0) return faultOf(result);
    return struct.getUint32(this.#layout.blockState, true) === ISAL_BLOCK_FINISH ? "between" : "within";
  }
}

function faultOf(result: number): Fault {
  const fault = FAULTS.get(result);
  if (fault === undefined) throw new Error(`libisal was used in a wrong way: it says ${result}`);
  return fault;
}
