import { declare, type SharedLibrary } from "../../linux/ffi.ts";
import { CodecLibrary } from "./codec-library.ts";
import type { CodecMemory } from "./codec-memory.ts";
import { corrupt, decompressError, type Fault, OUT_OF_MEMORY, unsupported } from "./decompress-error.ts";
import type { PlainBytes } from "./plain-bytes.ts";
import type { StoredBytes } from "./stored-bytes.ts";
import { decodeStreams, type Outcome, type StreamDecoder } from "./stream-decoder.ts";

/**
 * The plain bytes of a zstd file of one or several frames, skippable ones among them or not.
 * @throws {ImgstoreError} UNSUPPORTED_COMPRESSION, IO_ERROR
 * @see RFC 8878
 */
export function openZstd(stored: StoredBytes): PlainBytes {
  const functions = libzstd.functions();
  const open = (memory: CodecMemory): StreamDecoder => new ZstdDecoder(functions, memory);
  return decodeStreams(stored, { format: "zstd", structBytes: STRUCT_BYTES, open });
}

export const libzstd: CodecLibrary<Functions> = new CodecLibrary({
  format: "zstd",
  files: ["libzstd.so.1"],
  debianPackage: "libzstd1",
  symbol: "ZSTD_decompressStream",
  bind,
});

/**
 * 64 MiB, as much as xz has at most. Windows are 2 MiB at zstd's usual level, 8 at most at what container tools use and
 * at -19, 64 at --ultra -21. Those of --ultra -22 and --long (128 MiB) are refused: they would be resident as a whole.
 */
const MAX_WINDOW_LOG = 26;

/** Of zstd.h. */
const ZSTD_D_WINDOW_LOG_MAX = 100;

/** 1.4.0, where the parameters of decompression became stable: major, minor and patch of two digits each. */
const OLDEST_VERSION = 10_400;

/** ZSTD_outBuffer, then ZSTD_inBuffer: an address, a size and a position of 64 bits each. */
const OUT = 0;
const IN = 24;
const SIZE = 8;
const POSITION = 16;
const STRUCT_BYTES = 48;

/** By ZSTD_ErrorCode; any other is a damage. @see zstd_errors.h */
const FAULTS: ReadonlyMap<number, Fault> = new Map([
  [14, unsupported("it uses what libzstd does not know", "compress it as zstd does without options")],
  [16, unsupported("its window is larger than 64 MiB", "compress it with at most zstd --ultra -21 or --long=26")],
  [32, unsupported("it needs a dictionary", "compress it without a dictionary")],
  [64, OUT_OF_MEMORY],
]);

type Functions = ReturnType<typeof bind>;

/** Results are declared signed: errors are small negative numbers then, as ZSTD_isError has it. */
function bind(library: SharedLibrary): {
  readonly create: () => number;
  readonly setParameter: (context: number, parameter: number, value: number) => number;
  readonly decompress: (context: number, out: number, stored: number) => number;
  readonly errorCode: (result: number) => number;
  readonly errorName: (result: number) => string;
  readonly free: (context: number) => number;
} {
  const version = declare<() => number>("unsigned int ZSTD_versionNumber()", library)();
  if (version < OLDEST_VERSION) throw new Error(`its version ${version} is older than ${OLDEST_VERSION}`);
  return {
    create: declare("uintptr_t ZSTD_createDCtx()", library),
    setParameter: declare("long ZSTD_DCtx_setParameter(uintptr_t, int, int)", library),
    decompress: declare("long ZSTD_decompressStream(uintptr_t, uintptr_t, uintptr_t)", library),
    errorCode: declare("int ZSTD_getErrorCode(long)", library),
    errorName: declare("const char* ZSTD_getErrorName(long)", library),
    free: declare("long ZSTD_freeDCtx(uintptr_t)", library),
  };
}

class ZstdDecoder implements StreamDecoder {
  readonly #zstd: Functions;
  readonly #memory: CodecMemory;
  readonly #context: number;

  constructor(zstd: Functions, memory: CodecMemory) {
    this.#zstd = zstd;
    this.#memory = memory;
    this.#context = zstd.create();
    if (this.#context === 0) throw decompressError("zstd", OUT_OF_MEMORY, 0);
    zstd.setParameter(this.#context, ZSTD_D_WINDOW_LOG_MAX, MAX_WINDOW_LOG);
  }

  step(): Outcome {
    const memory = this.#memory;
    const { struct, structAddress, outputBytes, inputBytes } = memory;
    memory.setWide(OUT, memory.outputAddress);
    memory.setWide(OUT + SIZE, outputBytes);
    memory.setWide(OUT + POSITION, 0);
    memory.setWide(IN, memory.fromAddress);
    memory.setWide(IN + SIZE, inputBytes);
    memory.setWide(IN + POSITION, 0);
    const result = this.#zstd.decompress(this.#context, structAddress + OUT, structAddress + IN);
    // below 4 GiB, as the buffers are
    memory.advance(struct.getUint32(IN + POSITION, true), struct.getUint32(OUT + POSITION, true));
    return this.#outcomeOf(result);
  }

  close(): void {
    this.#zstd.free(this.#context);
  }

  /** Zero: a frame is decoded and all of it is in the output. */
  #outcomeOf(result: number): Outcome {
    if (result < 0) return FAULTS.get(this.#zstd.errorCode(result)) ?? corrupt(this.#zstd.errorName(result));
    return result === 0 ? "between" : "within";
  }
}
