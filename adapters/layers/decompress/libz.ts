import { declare, type SharedLibrary } from "../../linux/ffi.ts";
import { CodecLibrary } from "./codec-library.ts";
import type { CodecMemory } from "./codec-memory.ts";
import { corrupt, decompressError, type Fault, OUT_OF_MEMORY } from "./decompress-error.ts";
import type { GzipDecoder } from "./gzip-decoder.ts";
import { GzipMembers, type MemberDecoder } from "./gzip-members.ts";
import { decodeStreams, type Outcome, type StreamDecoder } from "./stream-decoder.ts";
import { advanceBuffers, offerBuffers, STREAM_STRUCT_BYTES } from "./stream-struct.ts";

/** By the system's zlib, which every Debian has: dpkg needs it. */
export const libzDecoder: GzipDecoder = {
  name: "libz",
  isHere: () => libz.load() !== null,
  open: (stored) => {
    const functions = libz.functions();
    const open = (memory: CodecMemory): StreamDecoder => new GzipMembers(new LibzMember(functions, memory), memory);
    return decodeStreams(stored, { format: "gzip", structBytes: STREAM_STRUCT_BYTES, open });
  },
};

const libz: CodecLibrary<Functions> = new CodecLibrary({
  format: "gzip",
  files: ["libz.so.1"],
  debianPackage: "zlib1g",
  symbol: "inflate",
  bind,
});

/** Of zlib.h and zconf.h. */
const Z_STREAM_BYTES = 112;
/** The largest window, and 16 for a gzip header and trailer around it. */
const WINDOW_BITS = 15 + 16;
const Z_NO_FLUSH = 0;
const Z_OK = 0;
const Z_STREAM_END = 1;
/** No progress: the other side of it is seen in the counts. */
const Z_BUF_ERROR = -5;

const FAULTS: ReadonlyMap<number, Fault> = new Map([
  [-3, corrupt("it is damaged")],
  [-4, OUT_OF_MEMORY],
]);

type Functions = ReturnType<typeof bind>;

function bind(library: SharedLibrary): {
  readonly version: string;
  readonly initialize: (stream: number, windowBits: number, version: string, structBytes: number) => number;
  readonly inflate: (stream: number, flush: number) => number;
  readonly reset: (stream: number) => number;
  readonly end: (stream: number) => number;
} {
  const version = declare<() => string>("const char* zlibVersion()", library)();
  if (!version.startsWith("1.")) throw new Error(`its version "${version}" is not 1`);
  return {
    version,
    initialize: declare("int inflateInit2_(uintptr_t, int, const char*, int)", library),
    inflate: declare("int inflate(uintptr_t, int)", library),
    reset: declare("int inflateReset(uintptr_t)", library),
    end: declare("int inflateEnd(uintptr_t)", library),
  };
}

class LibzMember implements MemberDecoder {
  readonly #libz: Functions;
  readonly #memory: CodecMemory;

  constructor(functions: Functions, memory: CodecMemory) {
    this.#libz = functions;
    this.#memory = memory;
    // the library compares the struct's size with its own
    const result = functions.initialize(memory.structAddress, WINDOW_BITS, functions.version, Z_STREAM_BYTES);
    if (result !== Z_OK) throw decompressError("gzip", faultOf(result), 0);
  }

  restart(): void {
    this.#libz.reset(this.#memory.structAddress);
  }

  step(): Outcome {
    offerBuffers(this.#memory);
    const result = this.#libz.inflate(this.#memory.structAddress, Z_NO_FLUSH);
    advanceBuffers(this.#memory);
    if (result === Z_STREAM_END) return "between";
    return result === Z_OK || result === Z_BUF_ERROR ? "within" : faultOf(result);
  }

  close(): void {
    this.#libz.end(this.#memory.structAddress);
  }
}

function faultOf(result: number): Fault {
  const fault = FAULTS.get(result);
  if (fault === undefined) throw new Error(`libz was used in a wrong way: it says ${result}`);
  return fault;
}
