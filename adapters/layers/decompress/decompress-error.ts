import { type ErrorCode, ImgstoreError } from "../../../core/errors.ts";

/** Why stored bytes cannot be decompressed. */
export interface Fault {
  readonly code: ErrorCode;
  /** The end of a sentence. */
  readonly reason: string;
  readonly hint: string;
}

/** The bytes are not what a compressor wrote. */
export function corrupt(reason: string): Fault {
  return { code: "CORRUPT_ARCHIVE", reason, hint: "the archive is damaged or cut short: make it again" };
}

export const CUT_SHORT: Fault = corrupt("it ends before its end");

/** The bytes may be fine, but are not for us. @param hint how to compress it instead */
export function unsupported(reason: string, hint: string): Fault {
  return { code: "UNSUPPORTED_COMPRESSION", reason, hint };
}

export const OUT_OF_MEMORY: Fault = {
  code: "IO_ERROR",
  reason: "this machine has no memory left for it",
  hint: "free memory, or compress the archive with less of it",
};

/**
 * The error that decompressing ends in.
 * @param offset how many stored bytes were decoded; a fault may be found up to a buffer away from where it is
 */
export function decompressError(format: string, fault: Fault, offset: number, cause?: unknown): ImgstoreError {
  const message = `cannot decompress the archive as ${format}: ${fault.reason} (near byte ${offset} of what is stored)`;
  return new ImgstoreError(fault.code, message, { hint: fault.hint, ...(cause === undefined ? {} : { cause }) });
}
