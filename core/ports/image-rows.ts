import type { Digest } from "../digests.ts";
import type { RecordedError } from "../errors.ts";
import type { ActMove, FallbackMove, Move, State, SwapMove, Target } from "../lifecycle/image.ts";
import type { LayerForm } from "../lifecycle/work.ts";
import type { MountOption } from "../mount-options.ts";
import type { Verdict } from "../protocol/verdict.ts";

/**
 * The durable rows of the images of one node. Terms: a *placement* is an image on a node, a *claim* a leased attempt at
 * a move, its *fence* the token that every write under it repeats. Times are the database's, in milliseconds since 1970.
 *
 * Guarantees: each method is one atomic round trip; a write that repeats a stale state, version or fence changes
 * nothing; an acknowledged write is durable; each write carries an `opId`, by which a lost reply is told from a conflict.
 */
export interface ImageRows {
  /** Adds the image and this node's placement in NEW, or finds what has the name; nothing is changed then. */
  register(registration: Registration): Promise<{ readonly isNew: boolean; readonly placement: Placement }>;

  /** This node's placement of that name. */
  load(name: string): Promise<Placement | null>;

  /** Placements by name, ascending; `cursor` is what the page before gave as `nextCursor`. */
  list(filter: ListFilter): Promise<{ readonly placements: Placement[]; readonly nextCursor: string | null }>;

  /** Every mount that should be there on this node, by name: of its ACTIVE rows. */
  activeMounts(): Promise<ActiveMount[]>;

  /**
   * What wants attention on this node now, by priority and age, and when the next row will.
   * Part of every batch is the oldest rows, so that nothing starves.
   */
  due(limit: number): Promise<{ readonly rows: DueRow[]; readonly nextDueAtMs: number | null; readonly nowMs: number }>;

  /**
   * One compare-and-swap without a claim. A move that overrules leases also bumps the fence and wakes those who wait for
   * the work of the overruled claim; any other loses against a live claim. One that leads towards a target loses against
   * a change of it.
   */
  swap(seen: Seen, swap: Swap): Promise<Swapped>;

  /** Takes a due, free (or expired) row for one attempt: fence + 1, attempt + 1. */
  claim(seen: Seen, attempt: AttemptStart): Promise<Claimed>;

  /** Pushes the lease on and records progress; false: the claim is over, stop at once. */
  heartbeat(claim: Claim, leaseMs: number, progress: Progress | null): Promise<boolean>;

  /**
   * Ends the claim with the move made. `dueAtMs` follows from the row's own target, inside the statement. Stale also where
   * a blob that it speaks of is neither present nor in the claim's hands: then it was collected, and is to be taken again.
   */
  settle(claim: Claim, settlement: Settlement): Promise<Verdict>;

  /** Ends the claim without a move; the row is due again after `delayMs`. Bumps the fence. */
  release(claim: Claim, release: Release): Promise<Verdict>;

  /** Changes the target where the generation is as seen; due now where no one holds the row. A held row's settle sees it. */
  changeTarget(seen: SeenTarget, change: TargetChange): Promise<Swapped>;

  /** Makes a backing-off row of that name due now; a held row is left alone. */
  wake(placementId: number): Promise<void>;

  /** This node's history of the name, `seq` ascending: of its present (or last) incarnation, or of all. */
  history(name: string, scope: "latest" | "all"): Promise<HistoryRow[]>;
}

export interface Registration {
  readonly name: string;
  readonly source: string;
  readonly checksum: Digest | null;
  readonly target: Target;
  readonly mountOptions: readonly MountOption[];
  readonly opId: string;
  readonly worker: string;
}

export interface Progress {
  readonly doneBytes: number;
  readonly totalBytes: number | null;
}

/** Which mount an ACTIVE row speaks of. */
export interface MountIdentity {
  /** /proc/sys/kernel/random/boot_id of the boot that made it. */
  readonly bootId: string;
  /** Inode number of the mount namespace that made it. */
  readonly mountNs: string;
  /** The kernel's unique mount id where it has one (Linux 6.8), else the one of mountinfo; decimal. */
  readonly mountId: string;
  /** st_dev of the mounted file system, decimal: it finds holders even after a lazy unmount. */
  readonly deviceId: string;
}

export interface ActiveMount {
  readonly name: string;
  readonly mount: Pick<MountIdentity, "bootId" | "mountNs" | "mountId"> | null;
}

export interface PlacementLayer {
  readonly digest: Digest;
  /** As unpacking found it; null until then. */
  readonly diffId: Digest | null;
  /** What unpacking has to find, where the image says it. */
  readonly expectedDiffId: Digest | null;
  readonly sizeBytes: number | null;
}

export interface Placement {
  readonly id: number;
  readonly imageId: number;
  readonly name: string;
  readonly node: string;
  /** As registered, credentials and all: never shown (see `redacted`). */
  readonly source: string;
  /** Of the stored bytes; null until it is known (a local file registered without one). */
  readonly checksum: Digest | null;
  readonly state: State;
  readonly target: Target;
  /** Counts changes of the state. */
  readonly version: number;
  /** Counts changes of the target. */
  readonly generation: number;
  /** Counts claims, releases and overrulings: the fencing token. */
  readonly fence: number;
  /** Attempts at the present move since the last one that recorded new bytes. */
  readonly attempt: number;
  /** The last or present move. */
  readonly move: Move | "register";
  /** Who holds the claim; the lease runs until `dueAtMs`. */
  readonly leaseOwner: string | null;
  readonly claimedAtMs: number | null;
  /** Null at rest; when held, the end of the lease; else the next attempt. */
  readonly dueAtMs: number | null;
  /** 0 while somebody waits for it, 2 on the way to a repair that nobody asked for, else 1: lower is sooner. */
  readonly priority: number;
  readonly error: RecordedError | null;
  readonly progress: Progress | null;
  readonly sizeBytes: number | null;
  /** Bottom first. */
  readonly layers: readonly PlacementLayer[];
  readonly mountOptions: readonly MountOption[];
  readonly mount: MountIdentity | null;
  readonly driver: string | null;
  /** A layer of it was found damaged: it is to leave its mount and to be fetched again. */
  readonly isRepairWanted: boolean;
  /** The next activation begins with an empty upper. */
  readonly isFreshWanted: boolean;
  /** The next deactivation detaches a busy mount lazily. */
  readonly isForceWanted: boolean;
  /** Key of the blob or layer of another claim that it waits for (see `blobKey`, `layerKey`); null where it waits for none. */
  readonly waitsFor: string | null;
  readonly createdAtMs: number;
  /** Since when it is in its state. */
  readonly stateSinceMs: number;
  readonly updatedAtMs: number;
  /** The database's time of this read. */
  readonly nowMs: number;
}

/** Whether a claim on the row lives at the time of the read. */
export function isHeld(placement: Pick<Placement, "leaseOwner" | "dueAtMs" | "nowMs">): boolean {
  return placement.leaseOwner !== null && placement.dueAtMs !== null && placement.dueAtMs > placement.nowMs;
}

export interface ListFilter {
  readonly state?: State;
  /** Another node's placements; default this node's. `"*"`: all nodes. */
  readonly node?: string;
  readonly cursor?: string;
  readonly limit: number;
}

export interface DueRow {
  readonly id: number;
  readonly name: string;
  readonly state: State;
  readonly target: Target;
  /** Its last claim ran out without a word: it may have killed its worker, so it is claimed alone. */
  readonly isSuspect: boolean;
}

/** What the caller read of a row; a write repeats it in its WHERE clause. */
export interface Seen {
  readonly id: number;
  readonly state: State;
  readonly version: number;
  readonly fence: number;
}

export interface Swap {
  readonly move: SwapMove;
  /** The target that it leads towards: lost where the row has another by now. Absent: whatever the target is. */
  readonly towards?: Target;
  readonly opId: string;
  readonly worker: string;
  /** Shown with the row and in history, for observed moves. */
  readonly error?: RecordedError;
  /** Somebody waits for it: the row comes before others until it rests. */
  readonly isAskedFor?: boolean;
}

export type Swapped =
  | { readonly kind: "applied"; readonly placement: Placement }
  /** Somebody was first; the row as it is now, null when it is gone. */
  | { readonly kind: "lost"; readonly placement: Placement | null };

export interface AttemptStart {
  readonly move: ActMove;
  readonly opId: string;
  readonly worker: string;
  readonly leaseMs: number;
  /** Somebody waits for it: the row comes before others until it rests. */
  readonly isAskedFor?: boolean;
}

export type Claimed =
  | { readonly kind: "claimed"; readonly claim: Claim; readonly placement: Placement }
  | { readonly kind: "lost"; readonly placement: Placement | null };

/** A leased attempt: what every write under it repeats. */
export interface Claim {
  readonly placementId: number;
  readonly name: string;
  readonly move: ActMove;
  readonly state: State;
  readonly version: number;
  readonly fence: number;
  readonly worker: string;
}

/** What an act found out, written with its settle; absent keys stay as they are. */
export interface SettleFacts {
  /** Pinned for a source that was registered without one. */
  readonly checksum?: Digest;
  /** The stored blobs are on disk, verified and synced; wakes those who wait for them. */
  readonly blobs?: readonly StoredBlob[];
  /** The image's layers, bottom first; acquires the references to them. */
  readonly layers?: readonly ListedLayer[];
  /** These layers' trees are published, in `form` (default native). */
  readonly published?: readonly Digest[];
  readonly form?: LayerForm;
  readonly sizeBytes?: number;
  readonly driver?: string;
  readonly mount?: MountIdentity | null;
}

export interface StoredBlob {
  readonly digest: Digest;
  readonly sizeBytes: number;
}

/** A layer as its image lists it. */
export interface ListedLayer {
  readonly digest: Digest;
  /** Absent or null where the image does not say it, as a plain tar. */
  readonly expectedDiffId?: Digest | null;
}

export interface Settlement {
  readonly move: ActMove | FallbackMove;
  readonly opId: string;
  readonly facts: SettleFacts;
  /** Kept with the row and in history: of a fallback, or of a detached busy mount. */
  readonly error?: RecordedError;
}

export interface Release {
  readonly opId: string;
  readonly delayMs: number;
  /** Due again at once when the work of that key is settled or released (see `WorkRows`). */
  readonly waitsFor?: string;
  readonly error?: RecordedError;
  readonly progress?: Progress | null;
  /** Whether the attempt counts: not when it stopped without a fault or recorded new bytes. */
  readonly isCounted: boolean;
}

export interface SeenTarget {
  readonly id: number;
  readonly generation: number;
}

export interface TargetChange {
  readonly target: Target;
  readonly opId: string;
  /** Drop the upper before the next activation. */
  readonly isFresh?: boolean;
  /** Detach a busy mount lazily at the next deactivation. */
  readonly isForced?: boolean;
  /** Of the next mount; absent: as they are. */
  readonly mountOptions?: readonly MountOption[];
}

export interface HistoryRow {
  readonly seq: number;
  readonly placementId: number;
  readonly fromState: State | null;
  /** `REMOVED` for the last row of an incarnation. */
  readonly toState: State | "REMOVED";
  readonly move: Move | "register";
  readonly attempt: number;
  readonly node: string;
  readonly worker: string;
  readonly startedAtMs: number;
  readonly durationMs: number;
  readonly error: RecordedError | null;
}
