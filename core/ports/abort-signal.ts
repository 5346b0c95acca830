declare global {
  /** The platform's own, declared without members: core names it in its ports and cannot use it. */
  // oxlint-disable-next-line typescript/no-empty-object-type -- merges with the platform's declaration
  interface AbortSignal {}
}

/** Asks an act to stop: its lease is over, its time is up, or the process goes down. */
export type StopSignal = AbortSignal;
