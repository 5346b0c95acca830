import type { Digest } from "../digests.ts";
import type { LayerForm } from "../lifecycle/work.ts";
import type { ArchiveLimits } from "../limits.ts";
import type { StopSignal } from "./abort-signal.ts";
import type { Progress } from "./image-rows.ts";
import type { CompareRequest, LayerComparison } from "./layer-comparison.ts";
import type { StagedTree } from "./work-rows.ts";

/**
 * Unpacked root file systems: built under `tmp/`, published by rename as `images/<diffId>`, removed by way of `tmp/`.
 * Nothing under `images/` is ever half there.
 */
export interface LayerTrees {
  /** How trees made here keep what the file system may not. */
  readonly form: LayerForm;

  /** Gets ready for an unpacking that comes soon; nothing is lost where none comes. */
  prepare(): void;

  /**
   * Unpacks a stored blob into `tmp/<name>`, off the event loop, and syncs it; whole and durable when it returns. On a
   * failure, or when `signal` fires, nothing of it is left.
   * @throws {ImgstoreError} NOT_A_TAR, EMPTY_ARCHIVE, IMAGE_ARCHIVE, UNSUPPORTED_COMPRESSION, CORRUPT_ARCHIVE,
   *   UNSAFE_ARCHIVE, LIMIT_EXCEEDED, BLOB_LOST, NO_SPACE, NO_PRIVILEGE, IO_ERROR, INTERRUPTED
   */
  unpack(request: UnpackRequest): Promise<UnpackedTree>;

  /**
   * Begins to unpack a blob that is still being written, as `unpack` does. Nothing is known of its bytes yet: what comes
   * of them may be relied on only when their digest is right.
   */
  unpackArriving(request: ArrivingRequest): Promise<ArrivingTree>;

  /**
   * Makes a staged tree appear as `images/<diffId>`; durable when it returns, and right when repeated after a crash. A
   * tree of that name that the database does not vouch for is moved aside, to `tmp/replaced.<diffId>.<id>`: a mount may
   * still show it. One that it does is kept and ours dropped.
   * @param isVouchedFor whether a present row already has this diffId
   * @returns false when the staged tree is neither under `tmp/` nor published
   */
  publish(staged: StagedTree, isVouchedFor: boolean): Promise<boolean>;

  /**
   * Compares a published tree with what its stored blob unpacks to, off the event loop. Takes the tree's room under `tmp/`
   * meanwhile, under a name of its own that nobody but its maker clears away while the lock `verify` is held.
   * @throws {ImgstoreError} as `unpack`
   */
  compare(request: CompareRequest): Promise<LayerComparison>;

  /** Whether the tree is published. */
  has(diffId: Digest): Promise<boolean>;

  /** Takes a published tree away at once and for good, by rename to a tombstone under `tmp/`, durably; deletes nothing yet. */
  remove(diffId: Digest): Promise<void>;

  /** Deletes a tree under `tmp/`, off the event loop; nothing when it is not there. */
  discard(name: string): Promise<void>;

  /** Published diffIds, for gc. */
  list(): Promise<Digest[]>;

  /** Names under `tmp/`, for gc. */
  listUnfinished(): Promise<string[]>;
}

/** A whole tree under `tmp/`, and what of the archive is not in it. */
export interface UnpackedTree extends StagedTree {
  /** Devices that this process may not make, hard links to them included. */
  readonly skippedDevices: number;
  /** The first of them, as they may be shown. */
  readonly firstSkipped: readonly string[];
}

export interface UnpackRequest extends StagingRequest {
  readonly blob: Digest;
  /** Stored bytes read so far, and what came of them. */
  readonly onProgress: (progress: Progress, plainBytes: number) => void;
}

export interface ArrivingRequest extends StagingRequest {
  /** Where the bytes can be read: `PartialBlob.location`. */
  readonly location: string;
}

export interface ArrivingTree {
  /** How far it is, as it was said last. */
  readonly unpacked: Unpacked;

  /**
   * So many bytes, from the first on, can be read by now. Nothing is read before the first word, so that this may begin
   * while the source is still looked for.
   * @param totalBytes how many there will be; null where nobody knows
   */
  arrived(readableBytes: number, totalBytes: number | null): void;

  /**
   * There are no more bytes than those: whole and durable when it returns. On a failure nothing of it is left.
   * @param onProgress called now and then until it returns, with the stored bytes read so far
   * @throws {ImgstoreError} as `unpack`
   */
  finish(sizeBytes: number, onProgress: (progress: Progress) => void): Promise<UnpackedTree>;

  /** Stops, and leaves nothing; nothing after `finish` has returned. */
  drop(): Promise<void>;
}

/** So many stored bytes became so many plain ones. */
export interface Unpacked {
  readonly storedBytes: number;
  readonly plainBytes: number;
}

interface StagingRequest {
  /** Attempt-unique: `<placement>.<fence>` with the layer's position. */
  readonly name: string;
  readonly limits: ArchiveLimits;
  readonly signal: StopSignal;
}
