import {
  type ActMove,
  GONE,
  isActMove,
  isLegal,
  type Move,
  ruleOf,
  type State,
  type Target,
} from "../../core/lifecycle/image.ts";
import { fallbackOf, nextMove, refusalOf } from "../../core/lifecycle/next-move.ts";

/** A placement as the protocol sees it: the least that the rules of claim, swap, settle and release speak of. */
export interface ModelRow {
  readonly state: State | typeof GONE;
  readonly target: Target;
  readonly version: number;
  readonly generation: number;
  readonly fence: number;
  readonly isHeld: boolean;
}

/** What a worker read of a row before it writes. */
export type ModelSeen = Pick<ModelRow, "state" | "version" | "fence">;

export const NEW_ROW: ModelRow = { state: "NEW", target: "ACTIVE", version: 0, generation: 0, fence: 0, isHeld: false };

/** The row after a compare-and-swap without a claim; the same object when it is lost or illegal. */
export function swapped(row: ModelRow, seen: ModelSeen, move: Move): ModelRow {
  const rule = ruleOf(move);
  const isTaken = row.isHeld && rule.overrulesLease !== true;
  if (!isAsSeen(row, seen) || row.state === GONE || !isLegal(move, row.state) || isTaken) return row;
  return { ...row, state: rule.to, version: row.version + 1, fence: row.fence + Number(row.isHeld), isHeld: false };
}

/** The row held for one attempt at the act of its state; the same object when somebody has it or nothing is to be done. */
export function claimed(row: ModelRow, seen: ModelSeen): ModelRow {
  if (row.isHeld || !isAsSeen(row, seen) || actOf(row) === null) return row;
  return { ...row, fence: row.fence + 1, isHeld: true };
}

/** The row after the holder's last word: its act done, or its fallback where it has one; `seen` is of the claim. */
export function settled(row: ModelRow, seen: ModelSeen, isDone: boolean): ModelRow {
  const act = actIn(row.state);
  if (!row.isHeld || !isAsSeen(row, seen) || act === null) return row;
  const move = isDone ? act : fallbackOf(act);
  if (move === null) return row;
  // a busy mount that stays asks no further: otherwise the row would never rest
  const target = move === "keep-active" ? "ACTIVE" : row.target;
  return { ...row, state: ruleOf(move).to, target, version: row.version + 1, isHeld: false };
}

/** The row after a release, or after the lease of a crashed holder has run out. */
export function released(row: ModelRow, seen: ModelSeen): ModelRow {
  if (!row.isHeld || !isAsSeen(row, seen)) return row;
  return { ...row, fence: row.fence + 1, isHeld: false };
}

/** The row with another target; the same object where the target is refused. */
export function retargeted(row: ModelRow, target: Target): ModelRow {
  if (row.state === GONE || row.target === target || refusalOf(row.state, target) !== null) return row;
  return { ...row, target, generation: row.generation + 1 };
}

function isAsSeen(row: ModelRow, seen: ModelSeen): boolean {
  return row.state === seen.state && row.version === seen.version && row.fence === seen.fence;
}

function actOf(row: ModelRow): ActMove | null {
  if (row.state === GONE) return null;
  const move = nextMove(row.state, row.target);
  return move !== null && isActMove(move) ? move : null;
}

/** The act of a state whatever the target is now: a claim that is held is settled by the move it was made for. */
function actIn(state: ModelRow["state"]): ActMove | null {
  const acts = (
    ["finish-download", "finish-unpack", "store", "finish-activate", "finish-deactivate", "finish-remove"] as const
  ).filter((act) => state !== GONE && isLegal(act, state));
  return acts[0] ?? null;
}
