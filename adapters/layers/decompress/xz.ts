import { declare, type SharedLibrary } from "../../linux/ffi.ts";
import { CodecLibrary } from "./codec-library.ts";
import type { CodecMemory } from "./codec-memory.ts";
import { CUT_SHORT, corrupt, decompressError, type Fault, OUT_OF_MEMORY, unsupported } from "./decompress-error.ts";
import type { PlainBytes } from "./plain-bytes.ts";
import type { StoredBytes } from "./stored-bytes.ts";
import { decodeStreams, type Outcome, type StreamDecoder } from "./stream-decoder.ts";
import { advanceBuffers, offerBuffers, STREAM_STRUCT_BYTES } from "./stream-struct.ts";

/**
 * The plain bytes of an xz file of one or several streams, padded or not.
 * @throws {ImgstoreError} UNSUPPORTED_COMPRESSION, IO_ERROR
 * @see the .xz file format, 2: streams and stream padding
 */
export function openXz(stored: StoredBytes): PlainBytes {
  const functions = liblzma.functions();
  const open = (memory: CodecMemory): StreamDecoder => new XzDecoder(functions, memory);
  return decodeStreams(stored, { format: "xz", structBytes: STREAM_STRUCT_BYTES, open });
}

export const liblzma: CodecLibrary<Functions> = new CodecLibrary({
  format: "xz",
  files: ["liblzma.so.5"],
  debianPackage: "liblzma5",
  symbol: "lzma_code",
  bind,
});

/** What `xz -9` makes needs 65 MiB, the most of all of xz's levels: a dictionary of 64 MiB and what is around it. */
const MEMORY_LIMIT_BYTES = 66 * 2 ** 20;

/** Of lzma/base.h and lzma/container.h. */
const LZMA_CONCATENATED = 0x08;
const LZMA_RUN = 0;
const LZMA_FINISH = 3;
const LZMA_OK = 0;
const LZMA_STREAM_END = 1;
const LZMA_BUF_ERROR = 10;

/** 5.0.0, the first whose interface is this one: major, minor (3 digits), patch (3 digits), stability. */
const OLDEST_VERSION = 50_000_002;

const FAULTS: ReadonlyMap<number, Fault> = new Map([
  [5, OUT_OF_MEMORY],
  [6, unsupported("its dictionary is larger than 64 MiB", "compress it with at most xz -9")],
  [7, corrupt("its header is damaged")],
  [8, unsupported("liblzma does not know how it was made", "compress it as xz does without options")],
  [9, corrupt("it is damaged, or something else comes after its end")],
  [LZMA_BUF_ERROR, CUT_SHORT],
]);

type Functions = ReturnType<typeof bind>;

function bind(library: SharedLibrary): {
  readonly initialize: (stream: number, memoryLimitBytes: number, flags: number) => number;
  readonly code: (stream: number, action: number) => number;
  readonly end: (stream: number) => void;
} {
  const version = declare<() => number>("uint32_t lzma_version_number()", library)();
  if (version < OLDEST_VERSION) throw new Error(`its version ${version} is older than ${OLDEST_VERSION}`);
  return {
    initialize: declare("int lzma_stream_decoder(uintptr_t, uint64_t, uint32_t)", library),
    code: declare("int lzma_code(uintptr_t, int)", library),
    end: declare("void lzma_end(uintptr_t)", library),
  };
}

class XzDecoder implements StreamDecoder {
  readonly #lzma: Functions;
  readonly #memory: CodecMemory;

  /** A struct of zeros is LZMA_STREAM_INIT. */
  constructor(lzma: Functions, memory: CodecMemory) {
    this.#lzma = lzma;
    this.#memory = memory;
    const result = lzma.initialize(memory.structAddress, MEMORY_LIMIT_BYTES, LZMA_CONCATENATED);
    if (result !== LZMA_OK) throw decompressError("xz", faultOf(result), 0);
  }

  step(isInputOver: boolean): Outcome {
    offerBuffers(this.#memory);
    // not before the input is over: there is no way back from it
    const result = this.#lzma.code(this.#memory.structAddress, isInputOver ? LZMA_FINISH : LZMA_RUN);
    advanceBuffers(this.#memory);
    return outcomeOf(result);
  }

  close(): void {
    this.#lzma.end(this.#memory.structAddress);
  }
}

/** The library goes from stream to stream by itself: its only end is that of the file. */
function outcomeOf(result: number): Outcome {
  if (result === LZMA_OK) return "within";
  return result === LZMA_STREAM_END ? "between" : faultOf(result);
}

function faultOf(result: number): Fault {
  const fault = FAULTS.get(result);
  if (fault === undefined) throw new Error(`liblzma was used in a wrong way: it says ${result}`);
  return fault;
}
