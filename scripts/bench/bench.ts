import type { ArchiveForm } from "./images/archive.ts";

/** What every benchmark is given. */
export interface BenchOptions {
  /** An empty directory of its own, removed afterwards. */
  readonly scratch: string;
  /** How many runs of each contestant; short ones do more. */
  readonly runs: number;
  /** A made image's name, or the path of a .tar, .tar.gz or .tar.zst. */
  readonly image: string;
  /** The forms of the image to run on; null: all that the benchmark knows. */
  readonly forms: readonly ArchiveForm[] | null;
  /** Fires when it is to stop; it cleans up what it made all the same. */
  readonly stop: AbortSignal;
}
