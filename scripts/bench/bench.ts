import type { ArchiveForm } from "./images/archive.ts";
import type { ImageArchiveKind } from "./images/image-archive.ts";

export type Form = ArchiveForm | ImageArchiveKind;

/** What every benchmark is given. */
export interface BenchOptions {
  /** An empty directory of its own, removed afterwards. */
  readonly scratch: string;
  /** How many runs of each contestant; short ones do more. */
  readonly runs: number;
  /** A made image's name, or the path of a .tar, .tar.gz or .tar.zst. */
  readonly image: string;
  /** The forms of the image to run on; null: those that the benchmark is about. */
  readonly forms: readonly Form[] | null;
  /** Fires when it is to stop; it cleans up what it made all the same. */
  readonly stop: AbortSignal;
}
