import type { Digest } from "../digests.ts";
import type { ArchiveLimits } from "../limits.ts";
import type { StopSignal } from "./abort-signal.ts";
import type { Progress } from "./image-rows.ts";

export interface CompareRequest {
  /** The stored blob that the tree came of; its bytes are hashed on the way. */
  readonly blob: Digest;
  /** The published tree. */
  readonly diffId: Digest;
  readonly limits: ArchiveLimits;
  readonly signal: StopSignal;
  /** Stored bytes read so far. */
  readonly onProgress: (progress: Progress) => void;
}

/** What became of a comparison of a published tree with its blob. */
export type LayerComparison =
  /** Names, types, modes, owners, times, extended attributes, links, devices and contents are the archive's; nothing else is there. */
  | { readonly kind: "equal" }
  /** The blob itself is not what its digest says, or cannot be unpacked: nothing is said of the tree. */
  | { readonly kind: "blob-damaged"; readonly reason: string }
  | {
      readonly kind: "different";
      /** How many entries differ, are missing or are too many; a lower bound where there are very many. */
      readonly count: number;
      /** The first of them, as they may be shown: `"etc/passwd": its mode is 0644, the archive says 0600`. */
      readonly first: readonly string[];
    };
