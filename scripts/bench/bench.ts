/** What every benchmark is given. */
export interface BenchOptions {
  /** An empty directory of its own, removed afterwards. */
  readonly scratch: string;
  /** How many runs of each contender; short ones do more. */
  readonly runs: number;
  /** A .tar.gz, or `debian`; undefined: what the benchmark makes by itself. */
  readonly image: string | undefined;
  /** Fires when it is to stop; it cleans up what it made all the same. */
  readonly stop: AbortSignal;
}
