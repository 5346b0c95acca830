/** Every state a placement (an image on a node) can be in. FAILED is terminal for the machinery. */
export const STATES = [
  "NEW",
  "DOWNLOADING",
  "DOWNLOADED",
  "UNPACKING",
  "UNPACKED",
  "STORED",
  "ACTIVATING",
  "ACTIVE",
  "DEACTIVATING",
  "REMOVING",
  "FAILED",
] as const;

export type State = (typeof STATES)[number];

/** Where a person wants a placement to be. */
export const TARGETS = ["STORED", "ACTIVE", "REMOVED"] as const;

export type Target = (typeof TARGETS)[number];

/** What `finish-remove` leads to: the row goes in the same transaction, only its history keeps the word. */
export const GONE = "REMOVED";

/**
 * Who may make a move.
 * - `swap`: one compare-and-swap, no work and no claim; made by whoever finds it next.
 * - `act`: work under a claim (claim, act, settle).
 * - `fallback`: how an attempt under a claim ends when its act cannot succeed.
 * - `observed`: a swap made by the machinery on what it saw on the machine (a lost mount, a damaged layer).
 * - `person`: a swap that only a person's word makes.
 */
export type MoveKind = "swap" | "act" | "fallback" | "observed" | "person";

export interface MoveRule {
  readonly from: readonly State[];
  readonly to: State | typeof GONE;
  readonly kind: MoveKind;
  /** Whether it takes a row away from a live claim; the holder stops at its next heartbeat. */
  readonly overrulesLease?: true;
}

/**
 * THE table: every edge of the lifecycle. The functions, the sweep, the database's guard (table `moves` of migration 1)
 * and the diagram of the README are read from it or checked against it.
 */
export const MOVES = {
  "begin-download": { from: ["NEW"], to: "DOWNLOADING", kind: "swap" },
  "finish-download": { from: ["DOWNLOADING"], to: "DOWNLOADED", kind: "act" },
  "begin-unpack": { from: ["DOWNLOADED"], to: "UNPACKING", kind: "swap" },
  "finish-unpack": { from: ["UNPACKING"], to: "UNPACKED", kind: "act" },
  store: { from: ["UNPACKED"], to: "STORED", kind: "act" },
  "begin-activate": { from: ["STORED"], to: "ACTIVATING", kind: "swap" },
  "finish-activate": { from: ["ACTIVATING"], to: "ACTIVE", kind: "act" },
  "begin-deactivate": { from: ["ACTIVE", "ACTIVATING"], to: "DEACTIVATING", kind: "swap", overrulesLease: true },
  "finish-deactivate": { from: ["DEACTIVATING"], to: "STORED", kind: "act" },
  "keep-active": { from: ["DEACTIVATING"], to: "ACTIVE", kind: "fallback" },
  "begin-remove": {
    from: ["NEW", "DOWNLOADING", "DOWNLOADED", "UNPACKING", "UNPACKED", "STORED", "FAILED"],
    to: "REMOVING",
    kind: "swap",
    overrulesLease: true,
  },
  "finish-remove": { from: ["REMOVING"], to: "REMOVED", kind: "act" },
  "give-up": { from: ["DOWNLOADING", "UNPACKING", "UNPACKED", "ACTIVATING"], to: "FAILED", kind: "fallback" },
  retry: { from: ["FAILED"], to: "NEW", kind: "person" },
  remount: { from: ["ACTIVE"], to: "ACTIVATING", kind: "observed" },
  refetch: { from: ["STORED"], to: "NEW", kind: "observed" },
} as const;

export type Move = keyof typeof MOVES;

type MoveOf<K extends MoveKind> = { [M in Move]: (typeof MOVES)[M]["kind"] extends K ? M : never }[Move];

/** Moves that do work: each has one file in `functions/moves/`. */
export type ActMove = MoveOf<"act">;

/** Moves that are one compare-and-swap on the row. */
export type SwapMove = MoveOf<"swap" | "observed" | "person">;

/** Moves that end an attempt which cannot succeed. */
export type FallbackMove = MoveOf<"fallback">;

/** The table's row of a move, with its widest type. */
export function ruleOf(move: Move): MoveRule {
  return MOVES[move];
}

export function isMove(name: string): name is Move {
  return Object.hasOwn(MOVES, name);
}

export function isActMove(move: Move): move is ActMove {
  return MOVES[move].kind === "act";
}

export function isLegal(move: Move, from: State): boolean {
  return ruleOf(move).from.includes(from);
}

/** All edges, one `[move, from, to]` each, in the table's order. */
export function edges(): readonly (readonly [Move, State, State | typeof GONE])[] {
  return Object.keys(MOVES)
    .filter(isMove)
    .flatMap((move) => ruleOf(move).from.map((from) => [move, from, ruleOf(move).to] as const));
}
