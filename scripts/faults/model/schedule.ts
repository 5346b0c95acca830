import type { ProgramName } from "./programs.ts";
import type { Fault } from "./turns.ts";

/** A race: who takes part, and in which order their calls are made. */
export interface Schedule {
  /** How many moves each image had made before the race, by its place among the images; absent: not registered. */
  readonly headStarts: readonly number[];
  readonly actors: readonly PlannedActor[];
  readonly turns: readonly Turn[];
}

export interface PlannedActor {
  readonly program: ProgramName;
  readonly rounds: number;
  readonly choices: readonly number[];
}

/** Whose calls are made next, and what befalls the last of them; or time passes. */
export type Turn =
  | { readonly do: "call"; readonly pick: number; readonly times: number; readonly fault: Fault }
  | { readonly do: "lapse"; readonly ms: number };
