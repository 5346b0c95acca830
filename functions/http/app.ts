import type { Hono } from "hono";
import { Hono as TinyHono } from "hono/tiny";
import { asImgstoreError, ImgstoreError } from "../../core/errors.ts";
import { printable } from "../../core/names.ts";
import type { Engine } from "../engine.ts";
import { requireToken } from "./auth.ts";
import { addHealthRoutes } from "./health.ts";
import { addImageRoutes } from "./images.ts";
import { problemResponse } from "./problem.ts";
import { addSweepRoutes } from "./sweeps.ts";
import { addTransitionRoutes } from "./transitions.ts";

export interface AppOptions {
  /** Wanted of every request but `/healthz`; null: none, as in process. */
  readonly token: string | null;
  /** How long a request may take; null: until its act ends, as in process. */
  readonly budgetMs: number | null;
  /** Told of errors that are ours, with their causes; the client sees the code only. */
  readonly onInternalError: (error: ImgstoreError) => void;
}

/** All HTTP functions over one engine, as one `fetch` handler. */
export function createApp(engine: Engine, options: AppOptions): Hono {
  const app = new TinyHono();
  const { token } = options;
  if (token !== null) {
    app.use(async (c, next) => {
      if (c.req.path !== "/healthz") await requireToken(c.req.raw, token);
      await next();
    });
  }
  addHealthRoutes(app, engine);
  addImageRoutes(app, engine);
  addTransitionRoutes(app, engine, options.budgetMs);
  addSweepRoutes(app, engine, options.budgetMs);
  app.notFound((c) => problemResponse(routeError(c.req.method, c.req.path)));
  app.onError((thrown) => {
    const error = asImgstoreError(thrown);
    if (error.code !== "INTERNAL") return problemResponse(error);
    options.onInternalError(error);
    return problemResponse(
      new ImgstoreError("INTERNAL", "something went wrong here", { hint: "see the server's log" }),
    );
  });
  return app;
}

const ROUTES: readonly (readonly [RegExp, readonly string[]])[] = [
  [/^\/(?:healthz|readyz)$/, ["GET"]],
  [/^\/v1\/images$/, ["GET"]],
  [/^\/v1\/images\/[^/]+$/, ["GET", "PUT", "PATCH", "DELETE"]],
  [/^\/v1\/images\/[^/]+\/history$/, ["GET"]],
  [/^\/v1\/images\/[^/]+\/(?:advance|transitions\/[^/]+)$/, ["POST"]],
  [/^\/v1\/(?:sweep|gc)$/, ["POST"]],
];

/** Tells a path that is not there from a method that is not. */
function routeError(method: string, path: string): ImgstoreError {
  const methods = ROUTES.find(([pattern]) => pattern.test(path))?.[1];
  if (methods === undefined) {
    return new ImgstoreError("NO_SUCH_ROUTE", `there is nothing at ${printable(path)}`, {
      hint: "see the routes under /v1",
    });
  }
  return new ImgstoreError("METHOD_NOT_ALLOWED", `${printable(path)} does not take ${printable(method)}`, {
    hint: `it takes ${methods.join(", ")}`,
  });
}
