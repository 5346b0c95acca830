import type { StreamSource } from "../source-url.ts";
import type { StopSignal } from "./abort-signal.ts";

/** Where stored bytes come from. */
export interface Sources {
  /**
   * Opens the bytes of a source from an offset on. A source that cannot begin there (a server that ignores Range, an
   * object that changed) answers from 0: look at `offset`.
   * @throws {ImgstoreError} SOURCE_NOT_FOUND, SOURCE_FORBIDDEN, SOURCE_REFUSED, SOURCE_UNAVAILABLE, SOURCE_CHANGED,
   *   SOURCE_STALLED, TOO_MANY_REDIRECTS, INSECURE_REDIRECT, IMAGE_TOO_LARGE, INTERRUPTED (`signal` fired)
   */
  open(source: StreamSource, request: SourceRequest): Promise<OpenedSource>;
}

export interface SourceRequest {
  /** First byte wanted. */
  readonly offset: number;
  /** What identified the object when the first bytes were fetched; the rest is only taken from the same one. */
  readonly validator: string | null;
  /** Refused before the first byte where the announced length is greater. */
  readonly maxBytes: number;
  readonly signal: StopSignal;
}

export interface OpenedSource {
  /** First byte of `body`: what was asked for, or 0. */
  readonly offset: number;
  /** Of the whole object; null when the server does not say. */
  readonly totalBytes: number | null;
  /** A strong ETag or the like; null when the source has none. */
  readonly validator: string | null;
  /**
   * The bytes, as they come. Ends only when all announced bytes came.
   * @throws {ImgstoreError} SOURCE_UNAVAILABLE (reset, cut short), SOURCE_STALLED, SOURCE_CHANGED, SIZE_MISMATCH,
   *   INTERRUPTED
   */
  readonly body: AsyncIterable<Uint8Array>;

  /** Gives up what was not read; needed only where the body is not iterated at all. */
  close(): void;
}
