import { declare, type SharedLibrary } from "../../linux/ffi.ts";
import type { BlobFile } from "./blob-file.ts";
import { loadCodecLibrary } from "./codec-library.ts";
import type { CodecMemory } from "./codec-memory.ts";
import { CUT_SHORT, corrupt, decompressError, type Fault, OUT_OF_MEMORY, unsupported } from "./decompress-error.ts";
import { decodeStreams, type Step, type StreamDecoder } from "./stream-decoder.ts";
import { offerBuffers, usedOfBuffers } from "./stream-struct.ts";

/**
 * The plain bytes of an xz file of one or several streams, padded or not. `xz -9` needs half of the memory it may take.
 * @throws {ImgstoreError} CORRUPT_ARCHIVE, UNSUPPORTED_COMPRESSION, IO_ERROR
 * @see the .xz file format, 2: streams and stream padding
 */
export function unxz(blob: BlobFile): Iterable<Uint8Array> {
  functions ??= loadCodecLibrary({ format: "xz", files: ["liblzma.so.5"], debianPackage: "liblzma5", bind });
  const lzma = functions;
  return decodeStreams(blob, { format: "xz", open: (memory) => new XzDecoder(lzma, memory) });
}

const MEMORY_LIMIT_BYTES = 128 * 2 ** 20;

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
  [6, unsupported("it needs more than 128 MiB of memory", "compress it with a smaller dictionary, such as xz -9 has")],
  [7, corrupt("its header is damaged")],
  [8, unsupported("liblzma does not know how it was made", "compress it as xz does without options")],
  [9, corrupt("it is damaged, or something else comes after its end")],
  [LZMA_BUF_ERROR, CUT_SHORT],
]);

type Functions = ReturnType<typeof bind>;

/** Loaded by the first archive that needs it. */
let functions: Functions | null = null;

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

  step(from: number, to: number, isInputOver: boolean): Step {
    offerBuffers(this.#memory, from, to);
    // not before the input is over: there is no way back from it
    const result = this.#lzma.code(this.#memory.structAddress, isInputOver ? LZMA_FINISH : LZMA_RUN);
    return { ...usedOfBuffers(this.#memory, to - from), outcome: outcomeOf(result) };
  }

  close(): void {
    this.#lzma.end(this.#memory.structAddress);
  }
}

/** The library goes from stream to stream by itself: its only end is that of the file. */
function outcomeOf(result: number): Step["outcome"] {
  if (result === LZMA_OK) return "within";
  return result === LZMA_STREAM_END ? "between" : faultOf(result);
}

function faultOf(result: number): Fault {
  const fault = FAULTS.get(result);
  if (fault === undefined) throw new Error(`liblzma was used in a wrong way: it says ${result}`);
  return fault;
}
