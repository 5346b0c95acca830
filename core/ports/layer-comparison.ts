import type { Digest } from "../digests.ts";
import type { ArchiveLimits } from "../limits.ts";
import type { StopSignal } from "./abort-signal.ts";

export interface CompareRequest {
  /** The stored blob that the tree came of; whole and right. */
  readonly blob: Digest;
  /** The published tree. */
  readonly diffId: Digest;
  readonly limits: ArchiveLimits;
  readonly signal: StopSignal;
}

/** What became of a comparison of a published tree with its blob. */
export type LayerComparison =
  /** Names, types, modes, owners, times, extended attributes, links, devices and contents are the archive's; nothing else is there. */
  | { readonly kind: "equal" }
  /** No tree has the name, or another one took it meanwhile: nothing is said of it. */
  | { readonly kind: "gone" }
  | {
      readonly kind: "different";
      /** How many entries differ, are missing or are too many; a lower bound: what is below one of them is not counted. */
      readonly count: number;
      /** The first of them, as they may be shown: `"etc/passwd": its mode is 644 instead of 600`. */
      readonly first: readonly string[];
    };
