import type { PlainBytes } from "./plain-bytes.ts";
import type { StoredBytes } from "./stored-bytes.ts";

/** One way to decode gzip. */
export interface GzipDecoder {
  readonly name: GzipDecoderName;
  /** Whether this machine has it; loads it. */
  readonly isHere: () => boolean;
  /**
   * The plain bytes of a gzip file of one or several members, with zeros after them or not.
   * @throws {ImgstoreError} UNSUPPORTED_COMPRESSION where it is not here
   * @see RFC 1952
   */
  readonly open: (stored: StoredBytes) => PlainBytes;
}

export type GzipDecoderName = "libisal" | "libz" | "node";
