import type { BlobFile } from "./blob-file.ts";
import { CodecMemory } from "./codec-memory.ts";
import { CUT_SHORT, decompressError, type Fault } from "./decompress-error.ts";

/** The decoder of a format in a library of the system. */
export interface Codec {
  readonly format: string;
  /** @throws {ImgstoreError} where there is no memory for one */
  readonly open: (memory: CodecMemory) => StreamDecoder;
}

/** One archive that is being decoded. Its memory is the library's: `close` must be called, once. */
export interface StreamDecoder {
  /** Decodes some of the stored bytes `from` to `to` of the input into the output, until either is used up. */
  readonly step: (from: number, to: number, isInputOver: boolean) => Step;
  readonly close: () => void;
}

export interface Step {
  readonly consumedBytes: number;
  readonly producedBytes: number;
  /** Where the stored bytes that were consumed end: within a stream, or where an archive may end or another one begin. */
  readonly outcome: "within" | "between" | Fault;
}

/**
 * The plain bytes of a stored file, of all its streams; each chunk is good until the next is asked for. There is an
 * empty one when a whole buffer of stored bytes yields none, so that whoever reads can stop. Nothing is left behind
 * when the reader ends early.
 * @throws {ImgstoreError} CORRUPT_ARCHIVE, UNSUPPORTED_COMPRESSION, IO_ERROR
 */
export function* decodeStreams(blob: BlobFile, codec: Codec): Generator<Uint8Array> {
  const memory = new CodecMemory();
  const decoder = codec.open(memory);
  let [from, to] = [0, 0];
  let outcome: Step["outcome"] = "within";
  try {
    for (;;) {
      if (from === to) [from, to] = [0, blob.next(memory.input)?.length ?? 0];
      const isInputOver = to === 0;
      if (isInputOver && outcome === "between") return;
      const step = decoder.step(from, to, isInputOver);
      outcome = step.outcome;
      from += step.consumedBytes;
      if (typeof outcome !== "string") throw decompressError(codec.format, outcome, blob.readBytes - (to - from));
      if (step.producedBytes > 0 || from === to) yield memory.output.subarray(0, step.producedBytes);
      // what is left within the library comes out first
      const hasEndedEarly = isInputOver && step.producedBytes === 0 && outcome === "within";
      if (hasEndedEarly) throw decompressError(codec.format, CUT_SHORT, blob.readBytes);
    }
  } finally {
    decoder.close();
  }
}
