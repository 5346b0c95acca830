import type { Hono } from "hono";
import { Hono as TinyHono } from "hono/tiny";
import { asImgstoreError, ImgstoreError } from "../../core/errors.ts";
import { printable } from "../../core/names.ts";
import type { Engine } from "../engine.ts";
import { problemResponse } from "./problem.ts";
import type { RouteCall } from "./route-call.ts";
import { ROUTES } from "./routes.ts";

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
      if (c.req.path !== "/healthz") {
        const { requireToken } = await import("./auth.ts");
        await requireToken(c.req.raw, token);
      }
      await next();
    });
  }
  for (const [method, path, load] of ROUTES) {
    app.on(method, path, async (c) => {
      const call: RouteCall = { engine, c, budgetMs: options.budgetMs };
      const key = method === "GET" ? undefined : c.req.header("idempotency-key");
      if (key === undefined) return (await load())(call);
      const { answerOnce } = await import("./idempotency.ts");
      return answerOnce(key, call, await load());
    });
  }
  for (const path of new Set(ROUTES.map(([, route]) => route))) {
    app.all(path, (c) => problemResponse(wrongMethod(c.req.method, path)));
  }
  app.notFound((c) => problemResponse(noSuchRoute(c.req.path)));
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

function noSuchRoute(path: string): ImgstoreError {
  return new ImgstoreError("NO_SUCH_ROUTE", `there is nothing at ${printable(path)}`, {
    hint: "see the routes under /v1",
  });
}

function wrongMethod(method: string, path: string): ImgstoreError {
  const methods = ROUTES.filter(([, route]) => route === path).map(([taken]) => taken);
  return new ImgstoreError("METHOD_NOT_ALLOWED", `${path} does not take ${printable(method)}`, {
    hint: `it takes ${methods.join(", ")}`,
  });
}
