import type { Hono } from "hono";
import { ImgstoreError } from "../../core/errors.ts";
import { isMove, MOVES, type Move, ruleOf } from "../../core/lifecycle/image.ts";
import { nextMove } from "../../core/lifecycle/next-move.ts";
import { printable } from "../../core/names.ts";
import type { Engine } from "../engine.ts";
import { perform } from "../perform.ts";
import { performedResponse } from "./answers.ts";
import { loadNamed, nameOf, requireMatch } from "./images.ts";
import { requestBudgetMs } from "./request-budget.ts";

/** One transition a request: the one named, or whichever is next. */
export function addTransitionRoutes(app: Hono, engine: Engine, defaultBudgetMs: number | null): void {
  app.post("/v1/images/:name/transitions/:move", async (c) => {
    const move = parseMove(c.req.param("move"));
    const placement = await loadNamed(engine, nameOf(c));
    requireMatch(c, placement);
    const performed = await perform(engine, placement, move, { budgetMs: requestBudgetMs(c.req.raw, defaultBudgetMs) });
    return performedResponse(engine, placement, performed);
  });

  app.post("/v1/images/:name/advance", async (c) => {
    const placement = await loadNamed(engine, nameOf(c));
    requireMatch(c, placement);
    const move = nextMove(placement.state, placement.target);
    if (move === null) return new Response(null, { status: 204 });
    const performed = await perform(engine, placement, move, { budgetMs: requestBudgetMs(c.req.raw, defaultBudgetMs) });
    return performedResponse(engine, placement, performed);
  });
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
