import { ImgstoreError } from "../../core/errors.ts";
import { isMove, MOVES, type Move, ruleOf } from "../../core/lifecycle/image.ts";
import { nextMoveOf } from "../../core/lifecycle/next-move.ts";
import { printable } from "../../core/names.ts";
import type { Placement } from "../../core/ports/image-rows.ts";
import { perform } from "../perform.ts";
import { performedAnswer } from "./answers.ts";
import { loadNamed, nameOf, requireMatch } from "./named-image.ts";
import { requestBudgetMs } from "./request-budget.ts";
import type { Answer, RouteCall } from "./route-call.ts";

/** At most the one transition that is named. */
export async function makeTransition(call: RouteCall): Promise<Answer> {
  const move = parseMove(call.params["move"] ?? "");
  return make(call, await loadMatching(call), move);
}

/** At most the one transition that is next; 204 when there is none. */
export async function advance(call: RouteCall): Promise<Answer> {
  const placement = await loadMatching(call);
  const move = nextMoveOf(placement);
  return move === null ? { status: 204, headers: {}, body: "" } : make(call, placement, move);
}

async function loadMatching(call: RouteCall): Promise<Placement> {
  const placement = await loadNamed(call.engine, nameOf(call));
  requireMatch(call, placement);
  return placement;
}

async function make({ engine, request, budgetMs }: RouteCall, placement: Placement, move: Move): Promise<Answer> {
  const options = { budgetMs: requestBudgetMs(request, budgetMs), isAskedFor: true };
  const performed = await perform(engine, placement, move, options);
  return performedAnswer(engine, placement, performed);
}

/** A move that can be asked for: what an attempt falls back to and what is only observed cannot. */
function parseMove(name: string): Move {
  if (!isMove(name)) {
    throw new ImgstoreError("NO_SUCH_MOVE", `"${printable(name)}" is not a move`, {
      hint: `one of ${Object.keys(MOVES).join(", ")}`,
    });
  }
  const { kind } = ruleOf(name);
  if (kind !== "fallback" && kind !== "observed") return name;
  throw new ImgstoreError("ILLEGAL_MOVE", `${name} is made by the machinery only`, {
    hint: "POST …/advance makes whichever move is next",
  });
}
