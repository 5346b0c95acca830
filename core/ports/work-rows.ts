import type { Need, Room } from "../admission/need.ts";
import type { Digest } from "../digests.ts";
import type { BlobState, LayerForm, LayerState } from "../lifecycle/work.ts";
import type { DamageRows } from "./damage-rows.ts";
import type { Claim } from "./image-rows.ts";
import type { FreeSpace } from "./space.ts";

/**
 * Blobs and layers as leased work: a digest in flight is fetched once and unpacked once on a node. A piece of work has no
 * lease of its own: it belongs to the claim (placement and fence) that makes it and is free when that claim ends, is
 * overruled or runs out. Whoever finds it held releases with `waitsFor` its key and is woken when the holder ends.
 */
export interface WorkRows extends DamageRows {
  /** Takes the blob for this claim, unless it is there or another live claim makes it. */
  takeBlob(claim: Claim, digest: Digest): Promise<BlobTaken>;

  /** Takes the layer for this claim, unless it is there, staged, or another live claim makes it. */
  takeLayer(claim: Claim, digest: Digest, form: LayerForm): Promise<LayerTaken>;

  /**
   * Speaks for room that this claim is about to fill, where that is free and not spoken for by others of this node: what is
   * likely needed, and where no other has any, what is needed for sure. Until the claim ends; another reservation of the same claim takes the place of the one before.
   */
  reserve(claim: Claim, reservation: Reservation): Promise<Reserved>;

  /** A layer's whole tree is on disk under `tmp/`, synced and verified; false: the claim is over, drop it. */
  stageLayer(claim: Claim, digest: Digest, form: LayerForm, staged: StagedTree): Promise<boolean>;

  /**
   * As `takeLayer` and `stageLayer` in one, for a tree that was made before its digest was known to be right; false where
   * the layer is there or in the making already, or the claim is over: drop it.
   */
  stageAhead(claim: Claim, digest: Digest, form: LayerForm, staged: StagedTree): Promise<boolean>;

  /** Whether a present row vouches for a published tree. */
  isPresent(diffId: Digest, form: LayerForm): Promise<boolean>;

  /** Whether a collection is removing the published tree of that name: whoever wants to publish it waits. */
  isLeaving(diffId: Digest, form: LayerForm): Promise<boolean>;

  /** The layer as the row knows it. */
  readLayer(digest: Digest, form: LayerForm): Promise<LayerRow | null>;

  /**
   * Forgets the staged trees that this placement refers to and no other does; returns their names under `tmp/`, which
   * the caller removes. Part of `give-up` and `finish-remove`.
   */
  unstageOwn(claim: Claim): Promise<string[]>;

  /** Forgets a staged tree that is not there any more, so that the next attempt unpacks again. */
  unstageLost(claim: Claim, digest: Digest, form: LayerForm): Promise<void>;

  /**
   * Marks what nothing refers to as `removing` and returns it, together with what an earlier collection left in that
   * state. While a row is `removing`, nobody takes it up.
   */
  markGarbage(scope: GarbageScope): Promise<Garbage>;

  /**
   * As `markGarbage` does with blobs that are only kept for repair: those that no image asked for the longest, until they
   * have so many bytes.
   */
  markKeptBlobs(bytes: number): Promise<Garbage>;

  /** Bytes that the blobs and layers of this node take, staged ones included. */
  storedBytes(): Promise<number>;

  /** As `markGarbage` would, without marking; `leaving` is only what an earlier collection left. */
  findGarbage(scope: GarbageScope | "leaving"): Promise<Garbage>;

  /**
   * Marks a file that no row speaks of as `removing`, as `markGarbage` does with rows; false where a row speaks of it by
   * now. `sweepGarbage` ends it, with the layer's diffId for its digest.
   */
  markStrayBlob(digest: Digest): Promise<boolean>;
  markStrayLayer(diffId: Digest, form: LayerForm): Promise<boolean>;

  /** The files of the marked rows are gone: deletes the rows, or makes them absent where a reference came meanwhile. */
  sweepGarbage(garbage: Garbage): Promise<void>;

  /** Every blob and layer row of this node, for gc's search for strays and for verify. */
  inventory(): Promise<{ readonly blobs: BlobRow[]; readonly layers: LayerRow[]; readonly claims: LiveClaim[] }>;
}

/** Key of a blob in `waitsFor`. */
export function blobKey(digest: Digest): string {
  return `blob:${digest}`;
}

/** Key of a layer in `waitsFor`. */
export function layerKey(digest: Digest, form: LayerForm): string {
  return `layer:${form}:${digest}`;
}

export interface BlobRow {
  readonly digest: Digest;
  readonly state: BlobState;
  readonly sizeBytes: number | null;
}

export interface LayerRow {
  readonly digest: Digest;
  readonly form: LayerForm;
  readonly state: LayerState;
  readonly diffId: Digest | null;
  readonly sizeBytes: number | null;
  readonly staged: StagedTree | null;
}

export interface StagedTree {
  /** Its directory's name under `tmp/`. */
  readonly name: string;
  /** Inode number of its root, decimal: after a crash between rename and settle, it tells whose tree was published. */
  readonly inode: string;
  readonly diffId: Digest;
  /** Bytes of file contents. */
  readonly sizeBytes: number;
}

export interface LiveClaim {
  readonly placementId: number;
  readonly fence: number;
}

export interface Reservation {
  readonly need: Need;
  /** What is free, less what has to stay so; inodes null: without limit. */
  readonly free: Pick<FreeSpace, "bytes" | "inodes">;
}

export type Reserved =
  | { readonly kind: "reserved" }
  /** There is too little; what others have reserved and not filled yet. */
  | ({ readonly kind: "short" } & Room)
  /** Our own claim is over. */
  | { readonly kind: "stale" };

export type BlobTaken =
  | { readonly kind: "taken" }
  | { readonly kind: "present"; readonly sizeBytes: number }
  | { readonly kind: "held"; readonly untilMs: number }
  /** Our own claim is over. */
  | { readonly kind: "stale" };

export type LayerTaken =
  | { readonly kind: "taken" }
  | { readonly kind: "present"; readonly layer: LayerRow }
  | { readonly kind: "staged"; readonly layer: LayerRow }
  | { readonly kind: "held"; readonly untilMs: number }
  | { readonly kind: "stale" };

/** What nothing refers to, or also blobs that are only kept for repair. */
export type GarbageScope = "unreferenced" | "all-blobs";

export interface Garbage {
  readonly blobs: readonly { readonly digest: Digest; readonly sizeBytes: number | null }[];
  readonly layers: readonly {
    readonly digest: Digest;
    readonly form: LayerForm;
    /** Null where another row that stays has the same tree, and where it is not published. */
    readonly diffId: Digest | null;
    /** Its tree under `tmp/`; null where it is not staged. */
    readonly stagedName: string | null;
    readonly sizeBytes: number | null;
  }[];
}
