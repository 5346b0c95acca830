import type { Digest } from "../../../core/digests.ts";
import type { RecordedError } from "../../../core/errors.ts";
import type { ArchiveLimits } from "../../../core/limits.ts";
import type { Progress } from "../../../core/ports/image-rows.ts";

/** What an extracting thread is started with. */
export interface ExtractOrder {
  readonly blobPath: string;
  /** Must not be there yet; made by the thread. */
  readonly treePath: string;
  readonly limits: ArchiveLimits;
  /** One 32-bit number, not 0 once the thread is to stop. */
  readonly stop: SharedArrayBuffer;
}

/** What it says: progress now and then, and one of the others last. */
export type ExtractReport =
  | { readonly kind: "progress"; readonly progress: Progress }
  | { readonly kind: "done"; readonly tree: ExtractedTree }
  | { readonly kind: "failed"; readonly error: RecordedError };

export interface ExtractedTree {
  /** Of the root, decimal. */
  readonly inode: string;
  readonly diffId: Digest;
  /** Bytes of file contents. */
  readonly sizeBytes: number;
}
