import type { Hono } from "hono";
import { Hono as TinyHono } from "hono/tiny";
import type { Engine } from "../engine.ts";
import { answerRoute, errorAnswer, noSuchRoute, type OnInternalError, wrongMethod } from "./answer-route.ts";
import { ROUTES } from "./routes.ts";
import { toHttpRequest, toResponse } from "./web-request.ts";

export interface AppOptions {
  /** Wanted of every request but `/healthz`; null: none. */
  readonly token: string | null;
  /** How long a request may take, in milliseconds; null: until its act ends. */
  readonly budgetMs: number | null;
  readonly onInternalError: OnInternalError;
}

/** All HTTP functions over one engine, as one `fetch` handler for any server. */
export function createApp(engine: Engine, options: AppOptions): Hono {
  const { token, budgetMs, onInternalError } = options;
  const app = new TinyHono();
  if (token !== null) {
    app.use(async (c, next) => {
      if (c.req.path !== "/healthz") {
        const { requireToken } = await import("./auth.ts");
        await requireToken(toHttpRequest(c), token);
      }
      await next();
    });
  }
  for (const [method, path, load] of ROUTES) {
    app.on(method, path, async (c) => {
      const call = { engine, request: toHttpRequest(c), params: c.req.param(), budgetMs };
      return toResponse(await answerRoute(load, call, onInternalError));
    });
  }
  for (const path of new Set(ROUTES.map(([, route]) => route))) {
    app.all(path, (c) => toResponse(wrongMethod(c.req.method, path)));
  }
  app.notFound((c) => toResponse(noSuchRoute(c.req.path)));
  app.onError((thrown) => toResponse(errorAnswer(thrown, onInternalError)));
  return app;
}
