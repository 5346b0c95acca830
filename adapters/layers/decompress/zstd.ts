import { declare, type SharedLibrary } from "../../linux/ffi.ts";
import type { BlobFile } from "./blob-file.ts";
import { loadCodecLibrary } from "./codec-library.ts";
import type { CodecMemory } from "./codec-memory.ts";
import { corrupt, decompressError, type Fault, OUT_OF_MEMORY, unsupported } from "./decompress-error.ts";
import { decodeStreams, type Step, type StreamDecoder } from "./stream-decoder.ts";

/**
 * The plain bytes of a zstd file of one or several frames, skippable ones among them or not.
 * @throws {ImgstoreError} CORRUPT_ARCHIVE, UNSUPPORTED_COMPRESSION, IO_ERROR
 * @see RFC 8878
 */
export function unzstd(blob: BlobFile): Iterable<Uint8Array> {
  functions ??= loadCodecLibrary({ format: "zstd", files: ["libzstd.so.1"], debianPackage: "libzstd1", bind });
  const zstd = functions;
  return decodeStreams(blob, { format: "zstd", open: (memory) => new ZstdDecoder(zstd, memory) });
}

/** 128 MiB, the most that zstd itself takes unasked and makes without `--long` of more. */
const MAX_WINDOW_LOG = 27;

/** Of zstd.h. */
const ZSTD_D_WINDOW_LOG_MAX = 100;

/** 1.4.0, where the parameters of decompression became stable: major, minor and patch of two digits each. */
const OLDEST_VERSION = 10_400;

/** ZSTD_outBuffer, then ZSTD_inBuffer: an address, a size and a position of 64 bits each. */
const OUT = 0;
const IN = 24;
const SIZE = 8;
const POSITION = 16;

/** By ZSTD_ErrorCode; any other is a damage. @see zstd_errors.h */
const FAULTS: ReadonlyMap<number, Fault> = new Map([
  [14, unsupported("it uses what libzstd does not know", "compress it as zstd does without options")],
  [16, unsupported("its window is larger than 128 MiB", "compress it with at most zstd --long=27")],
  [32, unsupported("it needs a dictionary", "compress it without a dictionary")],
  [64, OUT_OF_MEMORY],
]);

type Functions = ReturnType<typeof bind>;

/** Loaded by the first archive that needs it. */
let functions: Functions | null = null;

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
    const { struct } = memory;
    struct.setBigUint64(OUT, BigInt(memory.outputAddress), true);
    struct.setBigUint64(OUT + SIZE, BigInt(memory.output.length), true);
    struct.setBigUint64(IN, BigInt(memory.inputAddress), true);
  }

  step(from: number, to: number): Step {
    const { struct, structAddress } = this.#memory;
    struct.setBigUint64(OUT + POSITION, 0n, true);
    struct.setBigUint64(IN + SIZE, BigInt(to), true);
    struct.setBigUint64(IN + POSITION, BigInt(from), true);
    const result = this.#zstd.decompress(this.#context, structAddress + OUT, structAddress + IN);
    return {
      consumedBytes: Number(struct.getBigUint64(IN + POSITION, true)) - from,
      producedBytes: Number(struct.getBigUint64(OUT + POSITION, true)),
      outcome: this.#outcomeOf(result),
    };
  }

  close(): void {
    this.#zstd.free(this.#context);
  }

  /** Zero: a frame is decoded and all of it is in the output. */
  #outcomeOf(result: number): Step["outcome"] {
    if (result < 0) return FAULTS.get(this.#zstd.errorCode(result)) ?? corrupt(this.#zstd.errorName(result));
    return result === 0 ? "between" : "within";
  }
}
