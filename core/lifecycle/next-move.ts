import type { ActMove, FallbackMove, Move, State, SwapMove, Target } from "./image.ts";

/** Moves that lead towards a target, without what only a person or an observation makes. */
export type NextMove = ActMove | Exclude<SwapMove, "retry" | "remount" | "refetch">;

/** For each target, the one move that leads towards it from each state; null where the row rests. */
export const NEXT_MOVES = {
  STORED: {
    NEW: "begin-download",
    DOWNLOADING: "finish-download",
    DOWNLOADED: "begin-unpack",
    UNPACKING: "finish-unpack",
    UNPACKED: "store",
    STORED: null,
    ACTIVATING: "begin-deactivate",
    ACTIVE: "begin-deactivate",
    DEACTIVATING: "finish-deactivate",
    REMOVING: "finish-remove",
    FAILED: null,
  },
  ACTIVE: {
    NEW: "begin-download",
    DOWNLOADING: "finish-download",
    DOWNLOADED: "begin-unpack",
    UNPACKING: "finish-unpack",
    UNPACKED: "store",
    STORED: "begin-activate",
    ACTIVATING: "finish-activate",
    ACTIVE: null,
    DEACTIVATING: "finish-deactivate",
    REMOVING: "finish-remove",
    FAILED: null,
  },
  REMOVED: {
    NEW: "begin-remove",
    DOWNLOADING: "begin-remove",
    DOWNLOADED: "begin-remove",
    UNPACKING: "begin-remove",
    UNPACKED: "begin-remove",
    STORED: "begin-remove",
    ACTIVATING: "begin-deactivate",
    ACTIVE: "begin-deactivate",
    DEACTIVATING: "finish-deactivate",
    REMOVING: "finish-remove",
    FAILED: "begin-remove",
  },
} as const;

/** The single move that leads from `state` towards `target`; null where the row rests (reached, or FAILED). */
export function nextMove(state: State, target: Target): NextMove | null {
  return NEXT_MOVES[target][state];
}

/** The way of an image with a damaged layer: off its mount, which shows the old tree, and back to be fetched again. */
export const REPAIR_MOVES = {
  STORED: "refetch",
  ACTIVATING: "begin-deactivate",
  ACTIVE: "begin-deactivate",
} as const;

/** What decides where a row goes next. */
export interface Course {
  readonly state: State;
  readonly target: Target;
  /** A layer of it was found damaged while it was STORED or beyond. */
  readonly isRepairWanted: boolean;
}

/** The single move that is next for a row: a repair comes before its target, unless that is to be gone. */
export function nextMoveOf({ state, target, isRepairWanted }: Course): NextMove | "refetch" | null {
  if (isRepairWanted && target !== "REMOVED" && isRepaired(state)) return REPAIR_MOVES[state];
  return nextMove(state, target);
}

function isRepaired(state: State): state is keyof typeof REPAIR_MOVES {
  return Object.hasOwn(REPAIR_MOVES, state);
}

/** Whether nothing but a person's word or an observation moves a row from here. */
export function isResting(state: State, target: Target): boolean {
  return nextMove(state, target) === null;
}

const FALLBACKS = {
  "finish-download": "give-up",
  "finish-unpack": "give-up",
  store: "give-up",
  "finish-activate": "give-up",
  "finish-deactivate": "keep-active",
  "finish-remove": null,
} as const;

/** How an attempt at `move` ends for good; null: it never gives up and is tried again for ever. */
export function fallbackOf(move: ActMove): FallbackMove | null {
  return FALLBACKS[move];
}

/** Why a target cannot be asked for in a state; null where it can. From REMOVING there is no way back. */
export function refusalOf(state: State, target: Target): Move | null {
  return state === "REMOVING" && target !== "REMOVED" ? "finish-remove" : null;
}
