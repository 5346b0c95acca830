import { declare, type SharedLibrary } from "../../linux/ffi.ts";
import { CodecLibrary } from "./codec-library.ts";
import type { CodecMemory } from "./codec-memory.ts";
import { corrupt, decompressError, type Fault, OUT_OF_MEMORY } from "./decompress-error.ts";
import type { PlainBytes } from "./plain-bytes.ts";
import type { StoredBytes } from "./stored-bytes.ts";
import { decodeStreams, type Outcome, type StreamDecoder } from "./stream-decoder.ts";
import { advanceBuffers, offerBuffers, STREAM_STRUCT_BYTES } from "./stream-struct.ts";

/**
 * The plain bytes of a bzip2 file of one or several streams.
 * @throws {ImgstoreError} UNSUPPORTED_COMPRESSION, IO_ERROR
 */
export function openBzip2(stored: StoredBytes): PlainBytes {
  const functions = libbz2.functions();
  const open = (memory: CodecMemory): StreamDecoder => new Bzip2Decoder(functions, memory);
  return decodeStreams(stored, { format: "bzip2", structBytes: STREAM_STRUCT_BYTES, open });
}

/** The second name is Fedora's and Alpine's. */
export const libbz2: CodecLibrary<Functions> = new CodecLibrary({
  format: "bzip2",
  files: ["libbz2.so.1.0", "libbz2.so.1"],
  debianPackage: "libbz2-1.0",
  symbol: "BZ2_bzDecompress",
  bind,
});

/** Of bzlib.h. */
const BZ_OK = 0;
const BZ_STREAM_END = 4;

const FAULTS: ReadonlyMap<number, Fault> = new Map([
  [-3, OUT_OF_MEMORY],
  [-4, corrupt("it is damaged")],
  [-5, corrupt("something else comes where a stream begins")],
]);

type Functions = ReturnType<typeof bind>;

function bind(library: SharedLibrary): {
  readonly initialize: (stream: number, verbosity: number, isSmall: number) => number;
  readonly decompress: (stream: number) => number;
  readonly end: (stream: number) => number;
} {
  const version = declare<() => string>("const char* BZ2_bzlibVersion()", library)();
  if (!version.startsWith("1.0.")) throw new Error(`its version "${version}" is not 1.0`);
  return {
    initialize: declare("int BZ2_bzDecompressInit(uintptr_t, int, int)", library),
    decompress: declare("int BZ2_bzDecompress(uintptr_t)", library),
    end: declare("int BZ2_bzDecompressEnd(uintptr_t)", library),
  };
}

class Bzip2Decoder implements StreamDecoder {
  readonly #bzip2: Functions;
  readonly #memory: CodecMemory;
  #hasEnded = false;

  constructor(bzip2: Functions, memory: CodecMemory) {
    this.#bzip2 = bzip2;
    this.#memory = memory;
    const result = this.#initialize();
    if (result !== BZ_OK) throw decompressError("bzip2", faultOf(result), 0);
  }

  step(): Outcome {
    if (this.#hasEnded) {
      // a stream of the library's is one of the file's
      this.close();
      const result = this.#initialize();
      if (result !== BZ_OK) return faultOf(result);
    }
    offerBuffers(this.#memory);
    const result = this.#bzip2.decompress(this.#memory.structAddress);
    this.#hasEnded = result === BZ_STREAM_END;
    advanceBuffers(this.#memory);
    return outcomeOf(result);
  }

  /** Does nothing to a struct that has no stream. */
  close(): void {
    this.#bzip2.end(this.#memory.structAddress);
  }

  #initialize(): number {
    return this.#bzip2.initialize(this.#memory.structAddress, 0, 0);
  }
}

function outcomeOf(result: number): Outcome {
  if (result === BZ_OK) return "within";
  return result === BZ_STREAM_END ? "between" : faultOf(result);
}

function faultOf(result: number): Fault {
  const fault = FAULTS.get(result);
  if (fault === undefined) throw new Error(`libbz2 was used in a wrong way: it says ${result}`);
  return fault;
}
