import type { MessagePort } from "node:worker_threads";
import type { Digest } from "../../../core/digests.ts";
import type { RecordedError } from "../../../core/errors.ts";
import type { ArchiveLimits } from "../../../core/limits.ts";
import type { Progress } from "../../../core/ports/image-rows.ts";

/** The first line that an extractor is told, as JSON. */
export interface ExtractOrder {
  /** The stored archive, whole or still being written. */
  readonly storedPath: string;
  /** Must not be there yet; made by the extractor. Its parent directory is there. */
  readonly treePath: string;
  readonly limits: ArchiveLimits;
  /** Whether it is still being written: lines of `Arrival` follow, until one says that it is whole. */
  readonly isArriving: boolean;
}

/** How much of an arriving archive can be read. */
export interface Arrival {
  readonly readableBytes: number;
  /** How much there will be; null where nobody knows. */
  readonly totalBytes: number | null;
  readonly isAll: boolean;
}

/** What it says, a line of JSON each: progress now and then, and one of the others last. */
export type ExtractReport =
  | ({ readonly kind: "progress" } & ExtractProgress)
  | { readonly kind: "done"; readonly tree: ExtractedTree }
  | { readonly kind: "failed"; readonly error: RecordedError };

export interface ExtractProgress {
  /** Of the stored bytes. */
  readonly progress: Progress;
  /** Bytes of the plain archive so far. */
  readonly plainBytes: number;
}

export interface ExtractedTree extends BuiltTree {
  readonly diffId: Digest;
}

/** A whole tree, synced. */
export interface BuiltTree {
  /** Of the root, decimal. */
  readonly inode: string;
  /** Bytes of file contents. */
  readonly sizeBytes: number;
  /** Devices that the process may not make and that are not in the tree, hard links to them included. */
  readonly skippedDevices: number;
  /** The first of them, as they may be shown. */
  readonly firstSkipped: readonly string[];
}

/** What the thread that makes a tree is started with. */
export interface TreeThreadOrder {
  readonly treePath: string;
  readonly limits: ArchiveLimits;
  /** Of the `ConfinementGate` that opens when the decoding thread has confined itself. */
  readonly gate: SharedArrayBuffer;
  /** Where the pieces of the archive come through. */
  readonly ring: SharedArrayBuffer;
  /** Where it says what came of them, before it leaves the ring. */
  readonly answers: MessagePort;
}

/** What it says; nothing where there was no whole archive, and nothing wrong before that. */
export type TreeAnswer =
  | { readonly kind: "built"; readonly tree: BuiltTree }
  | { readonly kind: "failed"; readonly error: RecordedError };
