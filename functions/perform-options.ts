/** How a caller of `perform` takes part. */
export interface PerformOptions {
  /** How long the caller waits, in milliseconds; null: until the act ends. */
  readonly budgetMs: number | null;
  /** Whether somebody waits for the image, and not only a sweep. */
  readonly isAskedFor: boolean;
}
