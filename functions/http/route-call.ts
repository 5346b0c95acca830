import type { Context } from "hono";
import type { Engine } from "../engine.ts";

/** A request on its way to a handler. */
export interface RouteCall {
  readonly engine: Engine;
  readonly c: Context;
  /** How long a request may take where it does not say; null: until its act ends. */
  readonly budgetMs: number | null;
}

export type Handler = (call: RouteCall) => Promise<Response>;
